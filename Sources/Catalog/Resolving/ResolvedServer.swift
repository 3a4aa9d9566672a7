import Wire

/// A server with the operator's values put in: all that is needed to run it.
public struct ResolvedServer: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    case container(ContainerRecipe)
    case remote(RemoteRecipe)
    case containerTools([ContainerToolRecipe])
  }

  public var definition: ServerDefinition
  public var kind: Kind
  /// The secrets that travel to this server, by their names in the sources.
  public var secrets: [NamedSecret]

  public var name: String { definition.name }
}

/// A text for a server that may hold a secret; printing it shows a secret as `<secret>`.
public enum ResolvedText: Sendable, Hashable {
  case plain(String)
  /// The whole text, because a part of it is secret.
  case secret(Secret)

  /// The text itself, for the create call or the request.
  public var exposed: String {
    switch self {
    case .plain(let text): text
    case .secret(let secret): secret.exposed
    }
  }
}

extension ResolvedText: CustomStringConvertible {
  public var description: String {
    switch self {
    case .plain(let text): text
    case .secret(let secret): secret.description
    }
  }
}

/// A name and its value: an environment variable or a header.
public struct NamedText: Sendable, Hashable {
  public var name: String
  public var value: ResolvedText
}

public struct NamedSecret: Sendable, Hashable {
  public var name: String
  public var value: Secret
}

/// How the container of a server is created.
public struct ContainerRecipe: Sendable, Hashable {
  public var image: String
  public var command: [ResolvedText]
  /// In the order of the catalog, secrets first; no name twice.
  public var environment: [NamedText]
  public var mounts: [Mount]
  public var user: String?
  public var isNetworkDisabled: Bool
  public var allowedHosts: [AllowedHost]
  public var extraHosts: [ExtraHost]
  public var isLongLived: Bool
  public var hasReadOnlyRoot: Bool
}

/// How a remote server is reached.
public struct RemoteRecipe: Sendable, Hashable {
  public var url: String
  public var transport: RemoteServer.Transport
  public var headers: [NamedText]
}

/// How one call of a container tool runs.
public struct ToolRun: Sendable, Hashable {
  public var image: String
  public var command: [String]
  public var mounts: [Mount]
  public var user: String?
}

/// Why the arguments of a container tool were not accepted. The message is for the model: it names
/// the argument and never its value.
public struct ArgumentProblem: Error, Sendable, Hashable, CustomStringConvertible {
  /// Such as `arguments.path`.
  public var path: String
  public var message: String

  public var description: String { "\(path): \(message)" }
}
