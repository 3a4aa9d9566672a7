import Wire

/// The order of a handshake-era session, without clock, socket or task: which messages are due, and
/// what is in flight.
struct SessionState: Sendable {
  /// Requests of one client at the same time; more are refused, not queued.
  static let mostInFlight = 1_024

  enum Phase: Sendable, Hashable {
    /// Nothing but `initialize` and `ping` is due.
    case fresh
    case ready(Client)
    case ended
  }

  /// What a client said of itself.
  struct Client: Sendable, Hashable {
    let version: ProtocolVersion
    /// What it calls itself, and the version that it says it has; made printable.
    let name: String
    let softwareVersion: String
    let capabilities: ClientCapabilities

    /// Before it has said anything, or after it has gone.
    static let unknown = Client(
      version: .newestHandshake, name: "", softwareVersion: "", capabilities: .none)
  }

  private(set) var phase = Phase.fresh
  private(set) var logLevel: LogLevel?
  private var inFlight: [RequestID: CallHandle] = [:]

  var client: Client {
    if case .ready(let client) = phase { client } else { .unknown }
  }

  /// Decided by the negotiated version, so nothing is accepted before `initialize`.
  var acceptsBatches: Bool {
    if case .ready(let client) = phase { client.version == .march2025 } else { false }
  }

  /// Opens the session; the negotiated version.
  mutating func initialize(_ params: JSONText?) throws(RPCError) -> ProtocolVersion {
    guard case .fresh = phase else {
      throw .invalidRequest("this session is initialized already")
    }
    guard let requested = params?["protocolVersion"]?.string else {
      throw .invalidParams("initialize needs a protocolVersion")
    }
    let version = ProtocolVersion.negotiate(requested)
    let info = params?["clientInfo"]
    phase = .ready(
      Client(
        version: version, name: Self.printable(info?["name"]) ?? "unnamed",
        softwareVersion: Self.printable(info?["version"]) ?? "",
        capabilities: ClientCapabilities(params?["capabilities"]).known(to: version)))
    return version
  }

  private static func printable(_ text: JSONText?) -> String? {
    text?.string.map { PrintableText($0, limit: 80).description }
  }

  /// Whether a request other than `initialize` and `ping` may be served now; remembers it.
  mutating func admit(_ id: RequestID, _ call: CallHandle) throws(RPCError) {
    switch phase {
    case .fresh: throw .invalidRequest("initialize comes first")
    case .ended: throw .invalidRequest("the session has ended")
    case .ready: break
    }
    guard inFlight[id] == nil else {
      throw .invalidRequest("a request with this id is in flight")
    }
    guard inFlight.count < Self.mostInFlight else {
      throw Refusal(
        .overLimit, rule: "requests-in-flight",
        message: "\(Self.mostInFlight) requests are in flight; wait for an answer"
      ).rpcError
    }
    inFlight[id] = call
  }

  mutating func finish(_ id: RequestID, _ call: CallHandle) {
    if inFlight[id] === call { inFlight[id] = nil }
  }

  func isInFlight(_ id: RequestID, _ call: CallHandle) -> Bool { inFlight[id] === call }

  /// The call that `notifications/cancelled` names, if it is in flight.
  func cancelled(_ params: JSONText?) -> CallHandle? {
    params?["requestId"].flatMap(RequestID.init).flatMap { inFlight[$0] }
  }

  mutating func setLogLevel(_ params: JSONText?) throws(RPCError) -> LogLevel {
    guard let level = params?["level"]?.string.flatMap(LogLevel.init(rawValue:)) else {
      throw .invalidParams(
        "level must be one of \(LogLevel.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    logLevel = level
    return level
  }

  /// Whether the client wants a log message of this level. Before it has said so, it gets all.
  func wants(_ level: LogLevel) -> Bool { logLevel.map { level >= $0 } ?? true }

  /// Ends the session; the calls to cancel.
  mutating func end() -> [CallHandle] {
    phase = .ended
    defer { inFlight = [:] }
    return Array(inFlight.values)
  }
}

/// Levels of `notifications/message` (RFC 5424), ascending.
enum LogLevel: String, Sendable, Hashable, CaseIterable, Comparable {
  case debug, info, notice, warning, error, critical, alert, emergency

  static func < (one: LogLevel, other: LogLevel) -> Bool {
    allCases.firstIndex(of: one) ?? 0 < allCases.firstIndex(of: other) ?? 0
  }
}
