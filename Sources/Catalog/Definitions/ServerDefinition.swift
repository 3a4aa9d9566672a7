import Wire

/// One server as a catalog or an image's label describes it: checked, but without the operator's
/// values.
public struct ServerDefinition: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    case container(ContainerServer)
    case remote(RemoteServer)
    /// No server at all: every tool is a container of its own (`type: poci`).
    case containerTools([ContainerTool])
  }

  public var name: String
  public var origin: ServerOrigin
  public var kind: Kind
  public var title: String?
  public var description: String?
  /// What the catalog wants in front of tool names; a wish, since names are computed by us.
  public var prefix: String?
  public var secrets: [SecretBinding]
  /// What the catalog says about the tools before the server was ever asked.
  public var tools: [ToolSummary]
  /// The schemas of the server's section in config.yaml, as written.
  public var configSchemas: [JSONText]
  /// `oauth` as written: read, shown, not supported.
  public var oauth: JSONText?
  /// Fields that are only shown: icon, readme, metadata and the like, in the order of the catalog.
  public var details: [Detail]
  /// The only era in which the server is spoken to; nil: found out.
  public var era: ProtocolEra? = nil

  /// The images that this server runs; empty for a remote server.
  public var images: [String] {
    switch kind {
    case .container(let container): [container.image]
    case .remote: []
    case .containerTools(let tools): tools.map(\.image)
    }
  }

  public struct Detail: Sendable, Hashable {
    public var name: String
    public var value: JSONText
  }
}

/// Where a definition was found, which decides how far it is trusted.
public enum ServerOrigin: Sendable, Hashable {
  /// A file of the operator.
  case localFile(path: String, line: Int)
  /// A catalog from the network: data, never a source of powers over the host.
  case fetched(url: String, line: Int)
  /// The label of an image: least trusted.
  case image(reference: String)
}

/// A secret the server may have, and the environment variable that carries it.
public struct SecretBinding: Sendable, Hashable {
  /// The name in the secret sources, by convention `server.key`.
  public var secretName: String
  public var environmentVariable: String

  public init(secretName: String, environmentVariable: String) {
    self.secretName = secretName
    self.environmentVariable = environmentVariable
  }
}

/// A tool as a catalog advertises it.
public struct ToolSummary: Sendable, Hashable {
  public var name: String
  public var description: String?
}
