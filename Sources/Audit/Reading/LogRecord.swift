import Wire

/// A record for whoever reads a log: what can be asked of it without knowing the form of its line.
public struct LogRecord: Sendable {
  public let place: LinePlace
  let line: RecordLine

  public var type: RecordType { line.type }
  public var sequence: Int { line.sequence }
  public var time: Timestamp { line.time }
  /// The whole record, as it stands in the log.
  public var text: JSONText { line.text }

  public var server: String? { text["server"]?.string }
  /// The server's own name, or what was asked for where there was no server.
  public var target: String? { (text["target"] ?? text["exposed"])?.string }
  public var exposedName: String? { text["exposed"]?.string }
  public var identity: String? { text["caller"]?["identity"]?.string }
  public var decision: String? { text["decision"]?["verdict"]?.string }
  public var duration: Int { text["us"]?.int ?? 0 }
  public var resultBytes: Int { text["result"]?["bytes"]?.int ?? 0 }
}

/// Which records are wanted. What is nil, every record fits; what is not, only calls can fit.
public struct RecordFilter: Sendable, Hashable {
  public var server: String?
  /// The server's own name of the tool, or the exposed one.
  public var tool: String?
  public var identity: String?
  public var decision: String?
  public var since: Timestamp?
  public var until: Timestamp?

  public init() {}

  public func admits(_ record: LogRecord) -> Bool {
    if let since, record.time < since { return false }
    if let until, record.time >= until { return false }
    if let server, record.server != server { return false }
    if let tool, record.target != tool, record.exposedName != tool { return false }
    if let identity, record.identity != identity { return false }
    if let decision, record.decision != decision { return false }
    return true
  }
}

/// A record in a line for people. Names come from servers and clients: nothing in them acts on a
/// terminal.
extension LogRecord {
  public var summary: String {
    let what: String =
      switch type {
      case .call: call
      case .ask: "\(server ?? "") asks \(call)"
      case .open: "gateway \(string("gateway")) writes (\(string("reason")), log \(string("log")))"
      case .checkpoint: "signed (\(string("reason")))"
      case .recovered: "half a line of \(text["bytes"]?.int ?? 0) bytes was cut off after a crash"
      case .gap: gap
      }
    return PrintableText("\(time) \(sequence) \(what)", limit: 1_000).description
  }

  private var call: String {
    let subject = [server, target].compactMap(\.self).joined(separator: "/")
    let caller = text["caller"]
    let who = "\(identity ?? "")/\(caller?["client"]?.string ?? "")"
    let decision = text["decision"]
    let why = [decision?["code"]?.string, decision?["rule"]?.string, decision?["reason"]?.string]
      .compactMap(\.self).joined(separator: ": ")
    let end =
      self.decision == "allowed"
      ? "\(text["result"]?["kind"]?.string ?? "") \(resultBytes) bytes"
      : "\(self.decision ?? "") \(why)"
    let method = text["method"]?.string ?? ""
    let shape = text["input"]?["shape"]?.string ?? ""
    return "\(method) \(subject) by \(who) with \(shape): \(end), \(duration) us [\(string("id"))]"
  }

  private var gap: String {
    let (count, what) =
      text["withheld"]?.int.map { ($0, "withheld") }
      ?? (text["unrecorded"]?.int ?? 0, "answered WITHOUT a record")
    return "\(count) calls were \(what) since \(string("since")): \(string("reason"))"
  }

  private func string(_ name: String) -> String { text[name]?.string ?? "" }
}
