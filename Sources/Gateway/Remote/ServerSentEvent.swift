/// One event of a `text/event-stream` as the HTML standard defines it.
struct ServerSentEvent: Sendable, Hashable {
  /// `message` where the stream does not say.
  var name = "message"
  /// The data lines joined by line feeds.
  var data: [UInt8]
}

/// Reads a `text/event-stream` (HTML standard, section 9.2) from chunks of any size.
struct ServerSentEventParser: Sendable {
  /// A line or an event is larger than allowed.
  struct TooLarge: Error, Sendable, Hashable {}

  /// The id of the last event that had one; what a reader who comes back asks to continue after.
  private(set) var lastEventID: String?
  /// How long the server wants a reader who lost the stream to wait, in milliseconds.
  private(set) var reconnectionTime: Int?

  private let limit: Int
  private var line: [UInt8] = []
  private var isComment = false
  private var endedInCarriageReturn = false
  private var isFirstLine = true

  private var name = ""
  private var data: [UInt8]?
  private var pendingID: String?

  private static let colon = UInt8(ascii: ":")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
  /// An id is repeated in a header.
  private static let longestID = 1024

  /// - Parameter limit: most bytes of one event's data, and of one line.
  init(limit: Int) { self.limit = limit }

  /// Takes the next chunk and returns the events that it completes. After an error the stream
  /// cannot be read further.
  mutating func parse(_ chunk: [UInt8]) throws(TooLarge) -> [ServerSentEvent] {
    var events: [ServerSentEvent] = []
    var at = 0
    while at < chunk.count {
      if endedInCarriageReturn {
        endedInCarriageReturn = false
        if chunk[at] == Self.lineFeed {
          at += 1
          continue
        }
      }
      let end = Self.lineEnd(in: chunk, from: at)
      try take(chunk[at..<end])
      guard end < chunk.count else { break }
      endedInCarriageReturn = chunk[end] == Self.carriageReturn
      if let event = try finishLine() { events.append(event) }
      at = end + 1
    }
    return events
  }

  private static func lineEnd(in chunk: [UInt8], from start: Int) -> Int {
    var at = start
    while at < chunk.count, chunk[at] != lineFeed, chunk[at] != carriageReturn { at += 1 }
    return at
  }

  /// Adds to the current line. A comment is forgotten at once: a keep-alive may be endless.
  private mutating func take(_ part: ArraySlice<UInt8>) throws(TooLarge) {
    if line.isEmpty, !isComment, part.first == Self.colon { isComment = true }
    guard !isComment else { return }
    // "data: " is not part of the data.
    guard line.count + part.count <= limit + 6 else { throw TooLarge() }
    line.append(contentsOf: part)
  }

  private mutating func finishLine() throws(TooLarge) -> ServerSentEvent? {
    defer {
      line.removeAll(keepingCapacity: line.capacity <= 64 << 10)
      isComment = false
      isFirstLine = false
    }
    if isComment { return nil }
    var whole = line[...]
    if isFirstLine, whole.starts(with: [0xEF, 0xBB, 0xBF]) {
      whole = whole.dropFirst(3)
    }
    if whole.isEmpty { return dispatch() }
    if whole.first == Self.colon { return nil }
    let end = whole.firstIndex(of: Self.colon) ?? whole.endIndex
    var value = whole[end...].dropFirst()
    if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
    try field(String(decoding: whole[..<end].prefix(8), as: UTF8.self), value)
    return nil
  }

  private mutating func field(_ field: String, _ value: ArraySlice<UInt8>) throws(TooLarge) {
    switch field {
    case "data":
      guard (data.map { $0.count + 1 } ?? 0) + value.count <= limit else { throw TooLarge() }
      if data != nil { data?.append(Self.lineFeed) } else { data = [] }
      data?.append(contentsOf: value)
    case "event": name = String(decoding: value.prefix(256), as: UTF8.self)
    case "id" where !value.contains(0) && value.count <= Self.longestID:
      pendingID = String(decoding: value, as: UTF8.self)
    case "retry" where !value.isEmpty && value.count <= 9 && value.allSatisfy(Self.isDigit):
      reconnectionTime = Int(String(decoding: value, as: UTF8.self))
    default: break
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// An empty line ends an event. Its id counts even if it has no data; an id that was not given
  /// stays as it was, an empty one forgets it.
  private mutating func dispatch() -> ServerSentEvent? {
    if let id = pendingID { lastEventID = id.isEmpty ? nil : id }
    defer {
      pendingID = nil
      data = nil
      name = ""
    }
    guard let data else { return nil }
    return ServerSentEvent(name: name.isEmpty ? "message" : name, data: data)
  }
}
