import Glibc
import Wire

/// Proves that the logs at a place are as they were written, or says what is not.
public struct LogVerification: Sendable {
  public struct Flaw: Sendable, Hashable {
    public let place: LinePlace?
    /// The number of the first bad record; nil where a whole log is gone.
    public let sequence: Int?
    public let what: String

    /// `file:line: record N: what`
    public var description: String {
      let parts = [
        place.map { "\($0.file):\($0.line)" }, sequence.map { "record \($0)" }, what,
      ]
      return PrintableText(parts.compactMap(\.self).joined(separator: ": "), limit: 2_000)
        .description
    }
  }

  /// One log.
  public struct Report: Sendable {
    public let files: [String]
    let findings: ChainVerifier.Findings
    public let flaw: Flaw?

    public var log: String { findings.log?.description ?? "" }
    public var first: Int { findings.first }
    public var last: Int { findings.last }
    public var calls: Int { findings.calls }
    public var signedThrough: Int { findings.signedThrough }
    public var isClosed: Bool { findings.isClosed }
    public var crashes: Int { findings.crashes }
    public var recoveries: Int { findings.recoveries }
    public var unrecorded: Int { findings.unrecorded }
    public var began: Timestamp? { findings.began }
    public var ended: Timestamp? { findings.ended }
  }

  public let reports: [Report]
  /// Logs that were written here and are here no more.
  public let missing: [Flaw]

  public var flaws: [Flaw] { reports.compactMap(\.flaw) + missing }

  /// - Parameters:
  ///   - headsFolder: where it is remembered how far logs had come; nil: nowhere.
  ///   - mayBePart: the files are some of a log's, the others are elsewhere.
  ///   - mustBeClosed: each log must end as a gateway that ends leaves it.
  public init(
    of place: LogPlace, trusting keys: TrustedKeys, headsFolder: String?, mayBePart: Bool = false,
    mustBeClosed: Bool = false
  ) throws(Problem) {
    var memories: [HeadAnchor.Memory] = []
    if let headsFolder, !mayBePart {
      memories = try HeadAnchor(folder: headsFolder).memories(of: place).filter {
        $0.isSigned(by: keys)
      }
    }
    let verifier = ChainVerifier(
      keys: keys, mayLackBeginning: mayBePart,
      remembered: Dictionary(
        memories.map { ($0.log, $0.record.head) }, uniquingKeysWith: { first, _ in first }))
    var reports: [Report] = []
    for files in try LogFiles.all(at: place) {
      reports.append(try Self.report(files, place, verifier, mustBeClosed))
    }
    let seen = Set(reports.compactMap(\.findings.log))
    missing = memories.filter { !seen.contains($0.log) }.map {
      Flaw(
        place: nil, sequence: nil,
        what: "log \($0.log) with \($0.record.sequence) records was written to \($0.place) "
          + "and is gone")
    }
    self.reports = reports
  }

  private static func report(
    _ files: LogFiles, _ place: LogPlace, _ fresh: ChainVerifier, _ mustBeClosed: Bool
  ) throws(Problem) -> Report {
    var verifier = fresh
    let flaw = try flaw(files, place, &verifier, mustBeClosed)
    return Report(files: files.files, findings: verifier.findings, flaw: flaw)
  }

  private static func flaw(
    _ files: LogFiles, _ place: LogPlace, _ verifier: inout ChainVerifier, _ mustBeClosed: Bool
  ) throws(Problem) -> Flaw? {
    var cursor = LineCursor(files, at: place)
    var last: LinePlace?
    while true {
      switch try settled(&cursor) {
      case .line(let line):
        last = line.place
        do throws(ChainVerifier.Flaw) {
          try verifier.take(line.bytes, startsFile: line.startsFile)
        } catch { return Flaw(place: line.place, sequence: error.sequence, what: error.what) }
      case .torn(let place, let bytes):
        return Flaw(
          place: place, sequence: verifier.findings.last + 1,
          what: "\(bytes) bytes without a line's end: a crash, which the next gateway notes, "
            + "or a log that was cut")
      case .end:
        do throws(ChainVerifier.Flaw) { try verifier.finish(mustBeClosed: mustBeClosed) } catch {
          return Flaw(place: last, sequence: error.sequence, what: error.what)
        }
        return nil
      }
    }
  }

  /// A line that is being written at this moment may be half there: it is looked at twice.
  private static func settled(_ cursor: inout LineCursor) throws(Problem) -> LineCursor.Next {
    let next = try cursor.next()
    guard case .torn = next else { return next }
    usleep(50_000)
    return try cursor.next()
  }
}
