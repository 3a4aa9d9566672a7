import Glibc

/// One round of decoding: everything in a layer that looks encoded, decoded into the next layer.
///
/// Nothing is decoded in place: the scanner reads the text as it stands and as it would be read.
struct Decoding {
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
    try unescape()
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
  private mutating func unescape() throws(ScanFailure) {
    let marks = ByteMarks(source.bytes)
    guard marks.hasPercent || marks.hasHighBit else { return }
    var at = 0
    while let escape = TextEscapes.next(in: source.bytes, from: at),
      let piece = source.piece(at: escape)
    {
      try unescape(source.bytes[piece.start..<piece.end], string: piece.string)
      at = piece.end
    }
  }

  private mutating func unescape(
    _ text: ArraySlice<UInt8>, string: Int
  ) throws(ScanFailure) {
    guard ByteMarks.isText(text) else { return }
    if Percent.isEncoded(text) {
      try append(text.count, string: string) { Percent.append(text, to: &$0) }
    }
    if Invisible.isIn(text) {
      try append(text.count, string: string) { Invisible.appendWithout(text, to: &$0) }
    }
  }

  // MARK: Runs of digits

  private mutating func decodeRuns() throws(ScanFailure) {
    var at = 0
    while let line = DigitRun.base64.next(in: source.bytes, within: at..<source.bytes.count) {
      let run = line.lowerBound..<DigitRun.base64.unwrapped(source.bytes, line.upperBound)
      at = run.upperBound
      // Padding and rulers: however one character is decoded, it says nothing.
      guard !Self.isUniform(source.bytes, run) else { continue }
      let string = source.string(at: run.lowerBound)
      try decodeBase64(run, string)
      try decodeHex(run, string)
    }
  }

  /// Whether all bytes of `run` are the same.
  private static func isUniform(_ bytes: [UInt8], _ run: Range<Int>) -> Bool {
    unsafe bytes[run].withUnsafeBytes { run in
      guard let start = run.baseAddress else { return true }
      return unsafe memcmp(start, start + 1, run.count - 1) == 0
    }
  }

  /// At all four alignments: the run may begin with characters that do not belong to it.
  private mutating func decodeBase64(_ run: Range<Int>, _ string: Int) throws(ScanFailure) {
    for shift in 0..<4 {
      let digits = source.bytes[(run.lowerBound + shift)..<run.upperBound]
      try append(digits.count * 3 / 4, string: string) { Base64.append(digits, to: &$0) }
    }
  }

  /// Also every run of hex digits in a run of digits, in both ways to pair them.
  private mutating func decodeHex(_ run: Range<Int>, _ string: Int) throws(ScanFailure) {
    var at = run.lowerBound
    while let hex = DigitRun.hex.next(in: source.bytes, within: at..<run.upperBound) {
      for shift in 0..<2 {
        let digits = source.bytes[(hex.lowerBound + shift)..<hex.upperBound]
        try append(digits.count / 2, string: string) { Hex.append(digits, to: &$0) }
      }
      at = hex.upperBound
    }
  }
}
