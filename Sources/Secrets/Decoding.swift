import Glibc

/// One round of decoding: everything in a layer that looks encoded, decoded into the next layer.
///
/// Nothing is decoded in place: the scanner reads the text as it stands and as it would be read.
/// Small layers decode to one part. Of large ones a part is what has become enough, and may be
/// scanned and forgotten before the next: base64 alone is decoded at four alignments.
struct Decoding {
  /// Beyond this a part is handed out before more is added.
  private static let enough = 1 << 20

  private enum Place {
    case start
    /// Looking for escapes.
    case strings(from: Int)
    /// Looking for runs of digits.
    case runs(from: Int)
    case base64(Run, shift: Int)
    /// Looking for hex digits in a run.
    case hex(Run, from: Int)
    case hexDigits(Run, Range<Int>, shift: Int)
    case end
  }

  /// Digits that stand together, and the number of the string that holds them.
  private struct Run {
    let range: Range<Int>
    let string: Int
  }

  private let source: Layer
  private var place = Place.start
  /// Decoded bytes that may still be written.
  private var budget = 0
  private var decoded = Layer()

  init(of source: Layer) { self.source = source }

  /// The next part; nil at the end. Takes what it writes from `budget`.
  mutating func next(budget: inout Int) throws(ScanFailure) -> Layer? {
    self.budget = budget
    decoded = Layer()
    while decoded.bytes.count < Self.enough, try step() {}
    budget = self.budget
    return decoded.bytes.isEmpty ? nil : decoded
  }

  /// False at the end.
  private mutating func step() throws(ScanFailure) -> Bool {
    switch place {
    case .start:
      let marks = ByteMarks(source.bytes)
      place = marks.hasPercent || marks.hasHighBit ? .strings(from: 0) : .runs(from: 0)
    case .strings(let at): try unescape(from: at)
    case .runs(let at): findRun(from: at)
    case .base64(let run, let shift): try decodeBase64(run, shift)
    case .hex(let run, let at): findHex(in: run, from: at)
    case .hexDigits(let run, let hex, let shift): try decodeHex(run, hex, shift)
    case .end: return false
    }
    return true
  }

  private mutating func append(
    _ count: Int, string: Int, _ write: (inout [UInt8]) -> Void
  ) throws(ScanFailure) {
    budget -= count
    guard budget >= 0 else { throw .overLimit(.decoded) }
    if count >= Self.enough { decoded.reserve(decoded.bytes.count + count + 1) }
    decoded.append(string: string, write)
  }

  // MARK: Whole strings

  /// Percent-encoding and characters nobody sees.
  private mutating func unescape(from at: Int) throws(ScanFailure) {
    guard let escape = TextEscapes.next(in: source.bytes, from: at),
      let piece = source.piece(at: escape)
    else {
      place = .runs(from: 0)
      return
    }
    try unescape(source.bytes[piece.start..<piece.end], string: piece.string)
    place = .strings(from: piece.end)
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

  private mutating func findRun(from at: Int) {
    guard let line = DigitRun.base64.next(in: source.bytes, within: at..<source.bytes.count) else {
      place = .end
      return
    }
    let end = DigitRun.base64.unwrapped(source.bytes, line.upperBound)
    // Padding and rulers: however one character is decoded, it says nothing.
    guard !Self.isUniform(source.bytes, line.lowerBound..<end) else {
      place = .runs(from: end)
      return
    }
    let run = Run(
      range: line.lowerBound..<end, string: source.string(at: line.lowerBound))
    place = .base64(run, shift: 0)
  }

  /// Whether all bytes of `run` are the same.
  private static func isUniform(_ bytes: [UInt8], _ run: Range<Int>) -> Bool {
    unsafe bytes[run].withUnsafeBytes { run in
      guard let start = run.baseAddress else { return true }
      return unsafe memcmp(start, start + 1, run.count - 1) == 0
    }
  }

  /// At all four alignments: the run may begin with characters that do not belong to it.
  private mutating func decodeBase64(_ run: Run, _ shift: Int) throws(ScanFailure) {
    let digits = source.bytes[(run.range.lowerBound + shift)..<run.range.upperBound]
    try append(digits.count * 3 / 4, string: run.string) { Base64.append(digits, to: &$0) }
    place =
      shift < 3 ? .base64(run, shift: shift + 1) : .hex(run, from: run.range.lowerBound)
  }

  private mutating func findHex(in run: Run, from at: Int) {
    let hex = DigitRun.hex.next(in: source.bytes, within: at..<run.range.upperBound)
    place = hex.map { .hexDigits(run, $0, shift: 0) } ?? .runs(from: run.range.upperBound)
  }

  /// Also every run of hex digits in a run of digits, in both ways to pair them.
  private mutating func decodeHex(
    _ run: Run, _ hex: Range<Int>, _ shift: Int
  ) throws(ScanFailure) {
    let digits = source.bytes[(hex.lowerBound + shift)..<hex.upperBound]
    try append(digits.count / 2, string: run.string) { Hex.append(digits, to: &$0) }
    place = shift == 0 ? .hexDigits(run, hex, shift: 1) : .hex(run, from: hex.upperBound)
  }
}
