import Wire

/// Checks the records of one log in their order. A value without files, so that it can be tried with
/// any change of any log.
struct ChainVerifier: Sendable {
  /// What is wrong with the first bad record.
  struct Flaw: Error, Hashable {
    /// The number that the record has, or should have.
    let sequence: Int
    let what: String
  }

  /// What was found up to the present record.
  struct Findings: Sendable, Hashable {
    var log: LogID?
    var first = 0
    var last = 0
    var signedThrough = 0
    var began: Timestamp?
    var ended: Timestamp?
    /// The last record is the signature of a clean end.
    var isClosed = false
    var calls = 0
    /// Starts of a gateway after which an earlier one had not ended cleanly.
    var crashes = 0
    /// Lines that a crash had left half written, and that were cut off.
    var recoveries = 0
    /// Calls without a record, because the log could not be written.
    var unrecorded = 0
  }

  /// A writer that works signs far earlier.
  static let mostUnsigned = 5_000

  private let keys: TrustedKeys
  /// Whether the first records may be elsewhere.
  private let mayLackBeginning: Bool
  /// How far logs are known to have come.
  private let remembered: [LogID: ChainHead]
  private var head = ChainHead.beginning
  private(set) var findings = Findings()

  init(keys: TrustedKeys, mayLackBeginning: Bool, remembered: [LogID: ChainHead]) {
    self.keys = keys
    self.mayLackBeginning = mayLackBeginning
    self.remembered = remembered
  }

  /// Takes the next line, given without its line break.
  mutating func take(_ line: [UInt8], startsFile: Bool) throws(Flaw) {
    let record: RecordLine
    do { record = try RecordLine(line) } catch { throw flaw(error.description) }
    try follow(record)
    if startsFile, record.type != .open {
      throw flaw("a file begins with it, not with its opening")
    }
    try check(record, line)
    head = record.head
    if let known = findings.log.flatMap({ remembered[$0] }), known.sequence == head.sequence,
      known.hash != head.hash
    {
      throw Flaw(
        sequence: head.sequence,
        what: "another record is remembered in its place: the log was written anew")
    }
    count(record)
  }

  private func flaw(_ what: String) -> Flaw { Flaw(sequence: head.sequence + 1, what: what) }

  private mutating func follow(_ record: RecordLine) throws(Flaw) {
    if findings.first == 0 {
      findings.first = record.sequence
      findings.began = record.time
      if mayLackBeginning {
        head = ChainHead(sequence: record.sequence - 1, hash: record.previous)
      }
    }
    let expected = head.sequence + 1
    guard record.sequence == expected else {
      throw flaw(
        record.sequence > expected
          ? "records \(expected) to \(record.sequence - 1) are missing"
          : "record \(record.sequence) stands in its place")
    }
    guard record.previous == head.hash else {
      throw flaw(
        head.sequence == 0
          ? "it is not the first of a log" : "it does not follow the record before it")
    }
  }

  private mutating func check(_ record: RecordLine, _ line: [UInt8]) throws(Flaw) {
    let log = record.text["log"]?.string.flatMap { LogID($0) }
    switch record.type {
    case .open:
      guard let log, findings.log == nil || log == findings.log else {
        throw flaw("it opens another log")
      }
      findings.log = log
    case .checkpoint:
      guard log == findings.log else { throw flaw("it signs another log") }
      guard Checkpoint.isSigned(line, by: keys) else {
        throw flaw("its signature is not by a trusted key")
      }
      findings.signedThrough = record.sequence
    case .call, .ask, .recovered, .gap:
      guard record.sequence - max(findings.signedThrough, findings.first) < Self.mostUnsigned else {
        throw flaw("no checkpoint signs the \(Self.mostUnsigned) records before it")
      }
    }
    guard findings.log != nil else { throw flaw("it does not open its log") }
  }

  private mutating func count(_ record: RecordLine) {
    let wasClosed = findings.isClosed
    findings.last = record.sequence
    findings.ended = record.time
    findings.isClosed = false
    switch record.type {
    case .open:
      if record.text["reason"]?.string == OpeningFacts.Reason.start.rawValue,
        record.sequence > findings.first, !wasClosed
      {
        findings.crashes += 1
      }
    case .call: findings.calls += 1
    case .ask: break
    case .checkpoint:
      findings.isClosed = record.text["reason"]?.string == Checkpoint.Reason.end.rawValue
    case .recovered: findings.recoveries += 1
    case .gap:
      let missing = (record.text["withheld"] ?? record.text["unrecorded"])?.int ?? 0
      findings.unrecorded = findings.unrecorded.clampedAdding(missing)
    }
  }

  /// What can only be said when there are no more records.
  func finish(mustBeClosed: Bool) throws(Flaw) {
    if let log = findings.log, let known = remembered[log], known.sequence > head.sequence {
      throw flaw(
        "records \(head.sequence + 1) to \(known.sequence) are missing: "
          + "a checkpoint of record \(known.sequence) is remembered")
    }
    if mustBeClosed, !findings.isClosed {
      throw flaw("the log does not end with the signature of a clean end")
    }
  }
}
