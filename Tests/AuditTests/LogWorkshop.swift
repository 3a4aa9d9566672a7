import Crypto
import Foundation
import Interceptors
import Synchronization
import Testing
import Wire

@testable import Audit

/// A folder for logs, keys and heads, gone when the test is.
final class LogWorkshop: Sendable {
  let folder: String
  let keys = AuditKeys.make()
  private let reports = Mutex<[String]>([])

  init() throws {
    folder = NSTemporaryDirectory() + "audit-\(LogID.random())"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func path(_ name: String) -> String { "\(folder)/\(name)" }
  var heads: String { path("heads") }
  /// What was said to people.
  var said: [String] { reports.withLock { $0 } }

  static let opening = OpeningFacts(
    version: "0.0.0", instance: "test", transport: "stdio", hasValues: false, onError: .deny)

  func open(
    _ place: LogPlace, _ limits: AuditLog.Limits = .patient
  ) throws -> AuditLog {
    try AuditLog.open(
      place, keys: keys, opening: Self.opening, limits: limits, onError: .deny,
      headsFolder: heads, report: say)
  }

  var say: @Sendable (String) -> Void { { [self] line in reports.withLock { $0.append(line) } } }

  func journal(_ log: AuditLog) -> AuditJournal { AuditJournal(log, keys, transport: "stdio") }

  func verify(
    _ place: LogPlace, mayBePart: Bool = false, mustBeClosed: Bool = false,
    remembers: Bool = true
  ) throws -> LogVerification {
    try LogVerification(
      of: place, trusting: keys.trusted, headsFolder: remembers ? heads : nil,
      mayBePart: mayBePart, mustBeClosed: mustBeClosed)
  }

  /// The lines of a file, without their line breaks.
  func lines(_ path: String) throws -> [[UInt8]] {
    try bytes(path).split(separator: UInt8(ascii: "\n")).map(Array.init)
  }

  func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: path)))
  }

  func write(_ bytes: [UInt8], _ path: String) throws {
    try Data(bytes).write(to: URL(filePath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
  }

  /// A closed log of a few calls, as one file.
  func sample(_ name: String = "sample", calls: Int = 5) async throws -> String {
    let log = try open(.file(path(name)))
    let journal = journal(log)
    for number in 0..<calls {
      try journal.record(number)
      if number == calls / 2 { log.checkpointNow() }
    }
    await log.close()
    return path(name)
  }
}

extension AuditLog.Limits {
  /// Signs only when it is told to.
  static var patient: AuditLog.Limits {
    var limits = AuditLog.Limits()
    limits.checkpointInterval = .seconds(3_600)
    return limits
  }
}

extension AuditJournal {
  /// A plain call, done.
  func record(_ number: Int) throws {
    let call = Call.sample(number)
    try began(call)
    try ended(call, CallTrail(), .succeeded(.sample))
  }
}

extension Call {
  static func sample(_ number: Int, arguments: String = #"{"q":"words","n":3}"#) -> Call {
    let text = try? JSONText(validating: #"{"name":"search","arguments":\#(arguments)}"#)
    return Call(
      id: "test-\(number)",
      caller: Caller(
        identity: "local", session: "5e55104f", clientName: "tester", clientVersion: "1.0"),
      server: "notes", method: .callTool, target: "search", exposedName: "notes__search",
      definition: "sha256:00", params: text ?? .emptyObject)
  }
}

extension CallResult {
  static let sample = CallResult(JSONText(object: [("content", .emptyArray)]))
}

extension ChainVerifier {
  /// The flaw of a log that is these bytes.
  static func flaw(of bytes: [UInt8], trusting keys: TrustedKeys) -> ChainVerifier.Flaw? {
    var verifier = ChainVerifier(keys: keys, mayLackBeginning: false, remembered: [:])
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let rest = lines.popLast() ?? []
    do throws(ChainVerifier.Flaw) {
      for (index, line) in lines.enumerated() {
        try verifier.take(Array(line), startsFile: index == 0)
      }
      guard rest.isEmpty else { return Flaw(sequence: 0, what: "half a line") }
      try verifier.finish(mustBeClosed: true)
      return nil
    } catch { return error }
  }
}
