/// One round of decoding: everything in a layer that looks encoded, decoded into the next layer.
///
/// Nothing is decoded in place: the scanner reads the text as it stands and as it would be read.
struct Decoding {
  /// The shortest run of digits that can hide a token.
  private static let shortestRun = 24

  private let source: Layer
  /// Decoded bytes that may still be written.
  private var budget: Int
  private var decoded = Layer()

  /// The next layer, and what of `budget` is left.
  static func of(_ source: Layer, budget: inout Int) throws(ScanFailure) -> Layer {
    var decoding = Decoding(source: source, budget: budget)
    try decoding.run()
    budget = decoding.budget
    return decoding.decoded
  }

  private init(source: Layer, budget: Int) {
    self.source = source
    self.budget = budget
  }

  private mutating func run() throws(ScanFailure) {
    for piece in source.pieces { try unescape(piece) }
    try decodeRuns()
  }

  private mutating func append(
    _ count: Int, string: Int, _ write: (inout [UInt8]) -> Void
  ) throws(ScanFailure) {
    budget -= count
    guard budget >= 0 else { throw .overLimit(.decoded) }
    decoded.append(string: string, write)
  }

  // MARK: Whole strings

  /// Percent-encoding and characters nobody sees.
  private mutating func unescape(_ piece: Layer.Piece) throws(ScanFailure) {
    let text = source.bytes[piece.start..<piece.end]
    let marks = ByteMarks(text)
    guard marks.isText else { return }
    if marks.hasPercent, Percent.isEncoded(text) {
      try append(text.count, string: piece.string) { Percent.append(text, to: &$0) }
    }
    if marks.hasHighBit, Invisible.isIn(text) {
      try append(text.count, string: piece.string) { Invisible.appendWithout(text, to: &$0) }
    }
  }

  // MARK: Runs of digits

  private mutating func decodeRuns() throws(ScanFailure) {
    var at = 0
    while let run = DigitRun.next(in: source.bytes, from: at, atLeast: Self.shortestRun) {
      let string = source.string(at: run.lowerBound)
      try decodeBase64(run, string)
      try decodeHex(run, string)
      at = run.upperBound
    }
  }

  /// At all four alignments: the run may begin with characters that do not belong to it.
  private mutating func decodeBase64(_ run: Range<Int>, _ string: Int) throws(ScanFailure) {
    for shift in 0..<4 {
      let digits = source.bytes[(run.lowerBound + shift)..<run.upperBound]
      try append(digits.count * 3 / 4, string: string) { Base64.append(digits, to: &$0) }
    }
  }

  private mutating func decodeHex(_ run: Range<Int>, _ string: Int) throws(ScanFailure) {
    var at = run.lowerBound
    while at < run.upperBound {
      let end = Piece.run(.hex, 0...run.count).end(in: source.bytes, from: at) ?? at
      if end - at >= Self.shortestRun {
        for shift in 0..<2 {
          let digits = source.bytes[(at + shift)..<end]
          try append(digits.count / 2, string: string) { Hex.append(digits, to: &$0) }
        }
      }
      at = end + 1
    }
  }
}
