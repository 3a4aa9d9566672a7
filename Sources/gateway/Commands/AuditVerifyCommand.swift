import ArgumentParser
import Audit
import Wire

/// `audit verify`: names the first record that is not as it was written.
struct AuditVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Prove that logs are as they were written.",
    discussion: """
      Checks the hash chain, the signatures, and how far each log is known to have come. Without \
      --key the keys of this user are trusted; who could replace those could write a log of his \
      own, so keep the public key elsewhere and give it.

      JSON: an object with logs (an array of {log, files, first, last, calls, signed_through, \
      closed, crashes, recoveries, unrecorded, began, ended, flaw}) and missing.
      """)

  @OptionGroup var log: LogOptions
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "A public key to trust, as audit key prints it; repeatable.", valueName: "key"))
  var key: [String] = []
  @Flag(
    inversion: .prefixedNo,
    help: "Older files or whole logs may be elsewhere: check what is here. (default: false)")
  var partial: Bool?
  @Flag(
    inversion: .prefixedNo,
    help: "Demand that each log ends as a gateway that ended leaves it. (default: false)")
  var closed: Bool?
  @OptionGroup var output: FormatOptions

  func run() throws {
    let place = try log.place()
    let verification = try LogVerification(
      of: place, trusting: try trusted(), headsFolder: try LogOptions.stateFolder().heads,
      mayBePart: partial ?? false, mustBeClosed: closed ?? false)
    output.print(list: verification.lines, json: verification.json)
    guard verification.flaws.isEmpty else {
      throw CommandFailure(silently: ExitCode.verificationRefused.rawValue)
    }
    guard !verification.reports.isEmpty else {
      throw CommandFailure("there is no log at \(place.path.printable)")
    }
  }

  private func trusted() throws -> TrustedKeys {
    if !key.isEmpty { return try TrustedKeys(key) }
    let path = try LogOptions.stateFolder().keys
    guard let keys = try AuditKeys.read(path) else {
      throw Problem(
        source: path, "this user has no keys, so nothing says which signatures count",
        hint: "give the key of the log's gateway with --key")
    }
    return keys.trusted
  }
}

extension LogVerification {
  fileprivate var lines: [String] {
    reports.map { $0.flaw.map { "BAD  \($0.description)" } ?? "good \($0.summary)" }
      + missing.map { "BAD  \($0.description)" }
  }

  fileprivate var json: JSONText {
    JSONText(object: [
      ("logs", JSONText(array: reports.map(\.json))),
      ("missing", JSONText(strings: missing.map(\.what))),
    ])
  }
}

extension LogVerification.Report {
  fileprivate var summary: String {
    var parts = [
      "log \(log): records \(first) to \(last), \(calls) calls, \(files.count) files",
      isClosed
        ? "signed and closed"
        : "signed through record \(signedThrough), \(last - signedThrough) since; still open, or "
          + "its gateway was killed, or its end was cut off",
    ]
    if crashes > 0 { parts.append("\(crashes) times the gateway was killed") }
    if recoveries > 0 { parts.append("\(recoveries) half lines were cut off after crashes") }
    if unrecorded > 0 { parts.append("\(unrecorded) calls have NO record (see gap)") }
    return parts.joined(separator: "; ")
  }

  fileprivate var json: JSONText {
    JSONText(present: [
      ("log", JSONText(string: log)), ("files", JSONText(strings: files)),
      ("first", JSONText(first)), ("last", JSONText(last)), ("calls", JSONText(calls)),
      ("signed_through", JSONText(signedThrough)), ("closed", JSONText(isClosed)),
      ("crashes", JSONText(crashes)), ("recoveries", JSONText(recoveries)),
      ("unrecorded", JSONText(unrecorded)), ("began", (began?.description).json),
      ("ended", (ended?.description).json), ("flaw", flaw.map(\.json)),
    ])
  }
}

extension LogVerification.Flaw {
  fileprivate var json: JSONText {
    JSONText(present: [
      ("file", (place?.file).json), ("line", place.map { JSONText($0.line) }),
      ("record", sequence.map { JSONText($0) }), ("what", JSONText(string: what)),
    ])
  }
}
