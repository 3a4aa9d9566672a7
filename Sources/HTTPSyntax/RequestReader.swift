/// Takes a connection's bytes apart: heads, pieces of bodies, and where each request ends.
///
/// A value without socket or clock, so that it can be fuzzed. What it has not been asked for stays
/// where it is; how much that may become is the caller's decision (``unread``).
public struct RequestReader: Sendable {
  public struct Limits: Sendable, Hashable {
    /// Of a head, and of the lines behind a chunked body.
    public var headBytes = 64 << 10
    /// Of one line of them.
    public var lineBytes = 16 << 10
    public var fields = 256

    public init(headBytes: Int = 64 << 10, lineBytes: Int = 16 << 10, fields: Int = 256) {
      self.headBytes = headBytes
      self.lineBytes = lineBytes
      self.fields = fields
    }
  }

  public enum Part: Sendable, Hashable {
    case head(RequestHead)
    /// Never empty.
    case body(ArraySlice<UInt8>)
    /// The request is whole.
    case end
  }

  private enum State {
    case head
    case fixed(Int)
    case chunkSize
    case chunk(Int)
    case chunkEnd
    case trailers
    case over
  }

  /// Size of a chunk with its extensions; those are read and mean nothing here.
  private static let longestChunkLine = 256

  private let limits: Limits
  private var state = State.head
  private var input: [UInt8] = []
  /// Everything before is dealt with.
  private var at = 0
  /// No line end that matters stands before this position.
  private var searched = 0
  private var trailerBytes = 0
  /// Whether an empty line stood before the request.
  private var hasSkippedLine = false

  public init(limits: Limits = Limits()) { self.limits = limits }

  /// How many bytes wait to be taken apart.
  public var unread: Int { input.count - at }
  /// Whether a request has begun and its head is not whole.
  public var isInHead: Bool { if case .head = state { unread > 0 } else { false } }

  public mutating func append(_ bytes: some Collection<UInt8>) {
    if at > 0, at * 2 >= input.count { forgetRead() }
    input.append(contentsOf: bytes)
  }

  /// The next part; nil where more bytes are needed. After an error nothing more may be asked.
  public mutating func next() throws(SyntaxProblem) -> Part? {
    while true {
      switch state {
      case .head:
        guard let head = try takeHead() else { return nil }
        begin(head.framing)
        return .head(head)
      case .fixed(let rest):
        guard let piece = takePiece(rest) else { return nil }
        state = rest == piece.count ? .over : .fixed(rest - piece.count)
        return .body(piece)
      case .chunkSize:
        guard let line = try takeLine(atMost: Self.longestChunkLine) else { return nil }
        let size = try Self.chunkSize(line)
        state = size == 0 ? .trailers : .chunk(size)
      case .chunk(let rest):
        guard let piece = takePiece(rest) else { return nil }
        state = rest == piece.count ? .chunkEnd : .chunk(rest - piece.count)
        return .body(piece)
      case .chunkEnd:
        guard let line = try takeLine(atMost: 2) else { return nil }
        guard line.isEmpty else { throw .malformed("a chunk is longer than it says") }
        state = .chunkSize
      case .trailers:
        guard let line = try takeLine(atMost: limits.lineBytes) else { return nil }
        if line.isEmpty {
          state = .over
        } else {
          try checkTrailer(line)
        }
      case .over:
        state = .head
        trailerBytes = 0
        hasSkippedLine = false
        forgetRead()
        return .end
      }
    }
  }

  private mutating func begin(_ framing: BodyFraming) {
    state =
      switch framing {
      case .none: .over
      case .length(let count): .fixed(count)
      case .chunked: .chunkSize
      }
  }

  /// Trailers mean nothing here; they are read like headers and dropped.
  private mutating func checkTrailer(_ line: ArraySlice<UInt8>) throws(SyntaxProblem) {
    trailerBytes += line.count + 2
    guard trailerBytes <= limits.headBytes else { throw .fieldsTooLarge }
    _ = try HeadParser.field(line)
  }

  // MARK: Bytes

  private mutating func takeHead() throws(SyntaxProblem) -> RequestHead? {
    try skipEmptyLine()
    guard let end = try endOfHead() else { return nil }
    let parser = HeadParser(bytes: input[at..<end])
    at = end
    searched = end
    return try parser.head(mostFields: limits.fields)
  }

  /// One line end before a request is forgiven (RFC 9112 section 2.2).
  private mutating func skipEmptyLine() throws(SyntaxProblem) {
    guard searched == at else { return }
    if !hasSkippedLine, unread >= 2, input[at] == .carriageReturn, input[at + 1] == .lineFeed {
      consume(to: at + 2)
      hasSkippedLine = true
    }
    guard let first = input[at...].first else { return }
    // Whoever speaks another protocol is told at once, not when the time is up.
    guard first.isTokenByte || first == .carriageReturn && unread == 1 && !hasSkippedLine else {
      throw .malformed("this is not HTTP")
    }
  }

  /// Behind the empty line that ends a head. `searched` is always at the beginning of a line.
  private mutating func endOfHead() throws(SyntaxProblem) -> Int? {
    while let feed = input[searched...].firstIndex(of: .lineFeed) {
      // First, as for a line that comes in pieces and whose end is not known yet.
      try checkLength(feed + 1 - searched)
      guard feed > searched, input[feed - 1] == .carriageReturn else {
        throw .malformed("a line does not end with CR LF")
      }
      let isEmpty = feed - 1 == searched
      searched = feed + 1
      if isEmpty { return searched }
    }
    try checkLength(input.count - searched)
    return nil
  }

  private func checkLength(_ line: Int) throws(SyntaxProblem) {
    guard line <= limits.lineBytes else {
      throw searched == at ? .targetTooLong : .fieldsTooLarge
    }
    guard searched + line - at <= limits.headBytes else { throw .fieldsTooLarge }
  }

  /// A whole line without its end.
  private mutating func takeLine(atMost most: Int) throws(SyntaxProblem) -> ArraySlice<UInt8>? {
    let window = input[at...].prefix(most)
    guard let feed = window.firstIndex(of: .lineFeed) else {
      guard window.count < most else { throw .malformed("a line of a chunked body is too long") }
      return nil
    }
    guard feed > at, input[feed - 1] == .carriageReturn else {
      throw .malformed("a line does not end with CR LF")
    }
    defer { consume(to: feed + 1) }
    return input[at..<(feed - 1)]
  }

  private mutating func takePiece(_ most: Int) -> ArraySlice<UInt8>? {
    guard unread > 0 else { return nil }
    let piece = input[at...].prefix(most)
    consume(to: piece.endIndex)
    return piece
  }

  private mutating func consume(to position: Int) {
    at = position
    searched = position
  }

  /// Gives the memory of what is dealt with back; a connection that rests needs none.
  private mutating func forgetRead() {
    if at == input.count { input = [] } else { input.removeFirst(at) }
    searched -= at
    at = 0
  }

  private static func chunkSize(_ line: ArraySlice<UInt8>) throws(SyntaxProblem) -> Int {
    let digits = line.prefix { $0.hexValue != nil }
    guard (1...15).contains(digits.count) else { throw .malformed("a chunk has no size") }
    let rest = line[digits.endIndex...].trimmingBlanks
    guard rest.isEmpty && digits.count == line.count || rest.first == UInt8(ascii: ";"),
      rest.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == .tab })
    else { throw .malformed("a chunk's size is followed by something else") }
    return digits.reduce(0) { $0 << 4 | ($1.hexValue ?? 0) }
  }
}
