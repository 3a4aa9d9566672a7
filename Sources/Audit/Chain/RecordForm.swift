import Wire

/// A line of a log, taken apart, without asking whether its hash is right. The outer form is fixed to
/// the byte, so that no two readers can understand a line differently:
/// `{"v":1,"seq":N,"time":"…","prev":"…","type":"…",…,"hash":"…"}`.
struct RecordForm: Sendable {
  static let start = Array(#"{"v":1,"seq":"#.utf8)
  static let time = Array(#","time":""#.utf8)
  static let previous = Array(#"","prev":""#.utf8)
  static let body = Array(#"","#.utf8)
  static let hash = Array(#","hash":""#.utf8)
  static let end = Array(#""}"#.utf8)
  /// No record that is written comes near it.
  static let longest = 1 << 20
  /// Values stand deeper in a record than in their message.
  private static let limits = JSONLimits(
    maximumBytes: longest, maximumDepth: 2 * JSONLimits.fromServer.maximumDepth)
  /// Room for sums and successors of what a hostile log says.
  fileprivate static let largestNumber = 1 << 53

  let sequence: Int
  let time: Timestamp
  let previous: [UInt8]
  let type: RecordType
  let hash: [UInt8]
  let text: JSONText
  /// How many of the line's bytes its hash is of.
  let hashedCount: Int

  /// Why a line is no record.
  enum Flaw: Error, Hashable {
    case tooLong
    case form(at: Int)
    case json(JSONProblem)
    case unknownType
    /// Its own hash is not that of its text.
    case hash
  }

  /// Reads a line, given without its line break.
  init(_ line: [UInt8]) throws(Flaw) {
    guard line.count <= Self.longest else { throw .tooLong }
    var reader = FixedForm(line)
    try reader.expect(Self.start)
    sequence = try reader.number()
    try reader.expect(Self.time)
    time = try reader.time()
    try reader.expect(Self.previous)
    previous = try reader.digest()
    try reader.expect(Self.body)
    hashedCount = line.count - (Self.hash.count + 64 + Self.end.count)
    guard hashedCount > reader.at else { throw .form(at: line.count) }
    reader.at = hashedCount
    try reader.expect(Self.hash)
    hash = try reader.digest()
    try reader.expect(Self.end)
    do { text = try JSONText(validating: line, limits: Self.limits) } catch { throw .json(error) }
    guard let type = text["type"]?.string.flatMap(RecordType.init(rawValue:)) else {
      throw .unknownType
    }
    self.type = type
  }
}

extension RecordForm.Flaw: CustomStringConvertible {
  var description: String {
    switch self {
    case .tooLong: "it is longer than any record"
    case .form(let position): "it is no record (byte \(position + 1))"
    case .json(let problem): "it is no JSON: \(problem)"
    case .unknownType: "its type is unknown"
    case .hash: "its text was changed: its hash does not fit"
    }
  }
}

/// Reads the fixed parts of a line.
private struct FixedForm {
  let line: [UInt8]
  var at = 0

  init(_ line: [UInt8]) { self.line = line }

  mutating func expect(_ text: [UInt8]) throws(RecordForm.Flaw) {
    for byte in text {
      guard at < line.count, line[at] == byte else { throw .form(at: at) }
      at += 1
    }
  }

  /// Written as the writer does: no leading zero.
  mutating func number() throws(RecordForm.Flaw) -> Int {
    let start = at
    while at < line.count, (0x30...0x39).contains(line[at]) { at += 1 }
    guard at > start, line[start] != 0x30,
      let number = Int(String(decoding: line[start..<at], as: UTF8.self)),
      number <= RecordForm.largestNumber
    else { throw .form(at: start) }
    return number
  }

  mutating func time() throws(RecordForm.Flaw) -> Timestamp {
    let text = try String(decoding: take(Timestamp.length), as: UTF8.self)
    guard let time = Timestamp(text), time.description == text else {
      throw .form(at: at - Timestamp.length)
    }
    return time
  }

  mutating func digest() throws(RecordForm.Flaw) -> [UInt8] {
    let digits = try take(64)
    guard Hex.bytes(digits) != nil else { throw .form(at: at - 64) }
    return Array(digits)
  }

  private mutating func take(_ count: Int) throws(RecordForm.Flaw) -> ArraySlice<UInt8> {
    guard line.count - at >= count else { throw .form(at: line.count) }
    defer { at += count }
    return line[at..<(at + count)]
  }
}
