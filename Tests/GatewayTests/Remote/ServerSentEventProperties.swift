#if !FUZZING
  @testable import Gateway
#endif

/// What must hold for every event stream, for tests and the fuzzer alike.
enum ServerSentEventProperties {
  struct Broken: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  private struct Outcome: Hashable {
    var events: [ServerSentEvent] = []
    var lastEventID: String?
    var reconnectionTime: Int?
    var isTooLarge = false
  }

  private static let limit = 256

  /// The same bytes in other pieces mean the same, and nothing is larger than allowed.
  static func stream(_ bytes: [UInt8]) throws {
    let whole = try outcome(bytes, inPiecesOf: max(1, bytes.count))
    for size in [1, 2, 3, 17] where try outcome(bytes, inPiecesOf: size) != whole {
      throw Broken("in pieces of \(size) it reads differently")
    }
  }

  private static func outcome(_ bytes: [UInt8], inPiecesOf size: Int) throws -> Outcome {
    var parser = ServerSentEventParser(limit: limit)
    var outcome = Outcome()
    var at = 0
    while at < bytes.count {
      let end = min(bytes.count, at + size)
      do { outcome.events += try parser.parse(Array(bytes[at..<end])) } catch {
        // Nothing of such a stream is believed, so what came before does not count.
        return Outcome(isTooLarge: true)
      }
      at = end
    }
    for event in outcome.events {
      guard event.data.count <= limit, !event.name.isEmpty, event.name.utf8.count <= 3 * limit
      else { throw Broken("an event that is too large") }
    }
    outcome.lastEventID = parser.lastEventID
    outcome.reconnectionTime = parser.reconnectionTime
    guard !(outcome.lastEventID?.utf8.contains { $0 == 0 || $0 == 10 || $0 == 13 } ?? false) else {
      throw Broken("an id that could split a header")
    }
    return outcome
  }
}
