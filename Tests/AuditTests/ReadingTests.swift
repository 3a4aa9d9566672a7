import Foundation
import Interceptors
import Testing
import Wire

@testable import Audit

struct ReadingTests {
  private func all(_ reader: inout LogReader) throws -> [LogRecord] {
    var records: [LogRecord] = []
    while let next = try reader.next() { records.append(try next.get()) }
    return records
  }

  @Test func recordsOfSeveralLogsComeByTime() async throws {
    let shop = try LogWorkshop()
    let place = LogPlace(shop.path("logs/"))
    let logs = try [shop.open(place), shop.open(place)]
    for number in 0..<10 { try shop.journal(logs[number % 2]).record(number) }
    for log in logs { await log.close() }
    var reader = LogReader(place)
    let records = try all(&reader)
    #expect(records.map(\.time) == records.map(\.time).sorted())
    #expect(
      records.filter { $0.type == .call }.compactMap { $0.text["id"]?.string }
        == (0..<10).map { "test-\($0)" })
  }

  /// Like `tail -f`: over the change of files, in both forms of a log.
  @Test(arguments: ["logs/", "file"])
  func aReaderFollowsALogOverItsFiles(name: String) async throws {
    let shop = try LogWorkshop()
    let place = LogPlace(shop.path(name))
    var limits = AuditLog.Limits.patient
    limits.maximumSize = 2_500
    var reader = LogReader(place)
    #expect(try reader.next() == nil)
    let log = try shop.open(place, limits)
    let journal = shop.journal(log)
    var seen: [String] = []
    for number in 0..<20 {
      try journal.record(number)
      if number.isMultiple(of: 2) { log.checkpointNow() }
      if number % 5 != 4 { continue }
      seen += try all(&reader).compactMap { $0.text["id"]?.string }
    }
    await log.close()
    seen += try all(&reader).compactMap { $0.text["id"]?.string }
    #expect(seen == (0..<20).map { "test-\($0)" })
    #expect(try LogFiles.all(at: place).first?.files.count ?? 0 > 3)
  }

  @Test func aDamagedLineIsNamedAndTheRestIsRead() async throws {
    let shop = try LogWorkshop()
    let path = try await shop.sample()
    var bytes = try shop.bytes(path)
    bytes[bytes.count / 2] ^= 1
    try shop.write(bytes, path)
    var reader = LogReader(.file(path))
    var (good, bad) = (0, [LogReader.Unreadable]())
    while let next = try reader.next() {
      switch next {
      case .success: good += 1
      case .failure(let flaw): bad.append(flaw)
      }
    }
    #expect(good == 7)
    #expect(bad.count == 1)
  }

  private func filtered(_ change: (inout RecordFilter) -> Void) async throws -> Int {
    let shop = try LogWorkshop()
    let log = try shop.open(.file(shop.path("log")))
    let journal = shop.journal(log)
    try journal.record(1)
    try journal.ended(
      .sample(2), CallTrail(), .refused(Refusal(.policyDenied, message: "no")))
    var other = Call.sample(3)
    other.server = "git"
    other.caller.identity = "token"
    try journal.ended(other, CallTrail(), .failed(Fault(.timeout, from: .server, "late")))
    await log.close()
    var filter = RecordFilter()
    change(&filter)
    var reader = LogReader(.file(shop.path("log")))
    return try all(&reader).filter(filter.admits).count
  }

  @Test func filtersLeaveWhatFits() async throws {
    #expect(try await filtered { _ in } == 5)
    #expect(try await filtered { $0.server = "notes" } == 2)
    #expect(try await filtered { $0.tool = "search" } == 3)
    #expect(try await filtered { $0.tool = "notes__search" } == 3)
    #expect(try await filtered { $0.identity = "token" } == 1)
    #expect(try await filtered { $0.decision = "refused" } == 1)
    #expect(
      try await filtered {
        $0.decision = "allowed"
        $0.server = "git"
      } == 0)
    #expect(try await filtered { $0.since = Timestamp("2001-01-01") } == 5)
    #expect(try await filtered { $0.until = Timestamp("2001-01-01") } == 0)
  }

  @Test func aSummaryIsOneLineThatActsOnNoTerminal() async throws {
    let shop = try LogWorkshop()
    let log = try shop.open(.file(shop.path("log")))
    var call = Call.sample(1)
    call.target = "x\u{1B}[2J\n\u{202E}"
    call.caller.clientName = "\u{9B}31m"
    try shop.journal(log).ended(
      call, CallTrail(), .refused(Refusal(.policyDenied, rule: "r", message: "no")))
    await log.close()
    var reader = LogReader(.file(shop.path("log")))
    for record in try all(&reader) {
      let line = record.summary
      #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control })
      #expect(!line.unicodeScalars.contains("\u{202E}"))
      if record.type == .call { #expect(line.contains("refused policy_denied: r: no")) }
    }
  }

  @Test func statisticsCountByServerAndTool() async throws {
    let shop = try LogWorkshop()
    let log = try shop.open(.file(shop.path("log")))
    let journal = shop.journal(log)
    for number in 0..<3 { try journal.record(number) }
    try journal.ended(.sample(4), CallTrail(), .refused(Refusal(.overLimit, message: "no")))
    await log.close()
    var statistics = LogStatistics()
    var reader = LogReader(.file(shop.path("log")))
    for record in try all(&reader) { statistics.add(record) }
    #expect(statistics.total.calls == 4)
    let count = try #require(statistics.counts[.init(server: "notes", target: "search")])
    #expect((count.allowed, count.refused, count.failed) == (3, 1, 0))
  }
}
