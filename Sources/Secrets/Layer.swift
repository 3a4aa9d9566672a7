/// Text to be scanned in one pass: strings of a message, or what was decoded from them, one behind
/// the other. A NUL stands between two strings: Wire lets none into a message, so no token spans
/// it, while a name and its value stay neighbours.
struct Layer {
  static let separator: UInt8 = 0
  /// The number of text that stands outside all strings.
  static let noString = -1

  /// Where a string stands in `bytes`, and its number in the message.
  struct Piece {
    let start: Int
    let end: Int
    let string: Int
  }

  private(set) var bytes: [UInt8] = []
  private(set) var pieces: [Piece] = []

  /// The last piece that begins at or before `position`.
  func piece(at position: Int) -> Piece? {
    var low = 0
    var high = pieces.count
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].start <= position { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? pieces[low - 1] : nil
  }

  /// Whether a string begins at `position`, which is also where the one before it may end.
  func isSeam(_ position: Int) -> Bool { piece(at: position)?.start == position }

  /// The number of the string that holds position `at`.
  func string(at position: Int) -> Int { piece(at: position)?.string ?? 0 }

  mutating func append(_ text: some Collection<UInt8>, string: Int) {
    append(string: string) { $0.append(contentsOf: text) }
  }

  /// Adds the text that `write` appends.
  mutating func append(string: Int, _ write: (inout [UInt8]) -> Void) {
    if !pieces.isEmpty { bytes.append(Self.separator) }
    continueText(string: string, write)
  }

  /// Adds text directly behind the last, as if both were one.
  mutating func continueText(string: Int, _ write: (inout [UInt8]) -> Void) {
    let start = bytes.count
    write(&bytes)
    pieces.append(Piece(start: start, end: bytes.count, string: string))
  }

  mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }
}
