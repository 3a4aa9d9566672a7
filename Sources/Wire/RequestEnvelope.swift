/// What a request of the stateless era says of itself in `params._meta` (MCP 2026-07-28, Per-request
/// protocol fields). It holds for this request alone: nothing of it may be remembered for the next.
public struct RequestEnvelope: Sendable, Hashable {
  /// Names of the members. They belong to one hop: a proxy reads them and writes its own.
  public enum Member: String, Sendable, Hashable, CaseIterable {
    case protocolVersion = "io.modelcontextprotocol/protocolVersion"
    case clientCapabilities = "io.modelcontextprotocol/clientCapabilities"
    case clientInfo = "io.modelcontextprotocol/clientInfo"
    case logLevel = "io.modelcontextprotocol/logLevel"
  }

  /// As the client wrote it; perhaps one that nobody has heard of.
  public let version: String
  public let capabilities: JSONText
  /// For display only, never for decisions.
  public let clientInfo: JSONText?
  /// The least severe log message that the client wants; nil: none at all.
  public let logLevel: JSONText?
  /// Repeated in what the client hears of the request's progress.
  public let progressToken: JSONText?

  /// The error says which member is missing or mistyped.
  public init(_ params: JSONText?) throws(RPCError) {
    guard let meta = params?["_meta"], meta.kind == .object else {
      throw .invalidParams(
        "params._meta must be an object with \(Member.protocolVersion.rawValue) and "
          + Member.clientCapabilities.rawValue)
    }
    func member(_ name: Member) -> JSONText? { meta[name.rawValue] }
    func missing(_ name: Member, _ what: String) -> RPCError {
      .invalidParams("params._meta[\"\(name.rawValue)\"] must be \(what)")
    }
    guard let version = member(.protocolVersion)?.string else {
      throw missing(.protocolVersion, "a string")
    }
    guard let capabilities = member(.clientCapabilities), capabilities.kind == .object else {
      throw missing(.clientCapabilities, "an object")
    }
    self.version = version
    self.capabilities = capabilities
    clientInfo = member(.clientInfo)
    logLevel = member(.logLevel)
    progressToken = meta["progressToken"]
  }

  /// Whether a request claims to be of the stateless era, however badly.
  public static func isClaimed(by params: JSONText?) -> Bool {
    params?["_meta"]?[Member.protocolVersion.rawValue] != nil
  }

  /// `params` without the members of this hop; all else in `_meta` stays.
  public static func removed(from params: JSONText) -> JSONText {
    guard var meta = params["_meta"], meta.kind == .object else { return params }
    for member in Member.allCases { meta = meta.setting(member.rawValue, to: nil) }
    return params.setting("_meta", to: meta == .emptyObject ? nil : meta)
  }
}
