import Wire

/// Lines on a server's output that it printed by mistake: skipped, counted, and told apart from
/// messages gone wrong.
struct StrayLines: Sendable {
  /// Without a message between them; then the server counts as broken.
  static let mostInARow = 1_000
  private static let mark = Array("\"jsonrpc\"".utf8)

  private var total = 0
  private var inARow = 0
  private var first: String?

  /// For people; nil if there were none.
  var summary: String? {
    first.map { "\(total) lines on stdout were no MCP message, first: \($0)" }
  }

  /// False if there were too many.
  mutating func add(_ frame: [UInt8]) -> Bool {
    total += 1
    inARow += 1
    if first == nil { first = PrintableText(frame, limit: 160).description }
    return inARow <= Self.mostInARow
  }

  /// A message came.
  mutating func endRow() { inARow = 0 }

  /// An object that is JSON was meant as a message, and so was a broken one that names the protocol:
  /// waiting for a better one would only end in a timeout.
  static func isMeantAsMessage(_ frame: [UInt8], _ problem: MessageProblem) -> Bool {
    let start = frame.first { $0 != 0x20 && $0 != 0x09 }
    guard start == UInt8(ascii: "{") else { return false }
    return problem.error.code != RPCError.Code.parse.rawValue
      || frame.prefix(1_024).firstRange(of: mark) != nil
  }
}
