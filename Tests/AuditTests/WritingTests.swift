import Foundation
import Interceptors
import Synchronization
import Testing
import Wire

@testable import Audit

/// A disk on which there is room for so many bytes, counted over all who ask.
private final class Disk: Sendable {
  private let state: Mutex<(room: Int, lines: [[UInt8]])>
  init(room: Int) { state = Mutex((room, [])) }

  var lines: [[UInt8]] { state.withLock { $0.lines } }
  func makeRoom(_ bytes: Int) { state.withLock { $0.room = bytes } }
  func take(_ line: [UInt8]) -> Bool {
    state.withLock { state in
      guard line.count <= state.room else {
        state.room = 0
        return false
      }
      state.room -= line.count
      state.lines.append(line)
      return true
    }
  }
}

private struct SmallDisk: LogStorage {
  let disk: Disk
  var size = 0
  var file: OpenFile? { nil }
  mutating func append(_ line: [UInt8]) throws(WriteFailure) {
    guard disk.take(line) else { throw WriteFailure(message: "No space left on device") }
    size += line.count
  }
  mutating func rotate() throws(WriteFailure) { size = 0 }
  mutating func close() {}
}

/// Several writers, full disks, and files that follow one another.
struct WritingTests {
  private func log(_ shop: LogWorkshop, _ disk: Disk, _ onError: AuditLog.OnError) -> AuditLog {
    AuditLog(
      SmallDisk(disk: disk), .beginning, log: .random(), at: .file("none"), keys: shop.keys,
      opening: LogWorkshop.opening, limits: .patient, onError: onError,
      anchor: HeadAnchor(folder: shop.heads), report: shop.say)
  }

  @Test func onAFullDiskCallsAreRefusedUntilThereIsRoomAgain() throws {
    let shop = try LogWorkshop()
    let disk = Disk(room: 2_000)
    let journal = shop.journal(log(shop, disk, .deny))
    var number = 0
    #expect(throws: Refusal.self) {
      for index in 0..<10 {
        number = index
        try journal.record(index)
      }
    }
    let kept = disk.lines.count
    #expect(kept == number)
    // From now on nobody is asked.
    let refusal = #expect(throws: Refusal.self) { try journal.began(.sample(11)) }
    #expect(refusal?.code == .notRecorded)
    disk.makeRoom(10_000)
    try journal.record(12)
    let types = try disk.lines.dropFirst(kept).map { try RecordLine($0.dropLast()).text }
    #expect(types.map { $0["type"]?.string } == ["gap", "call"])
    #expect(types.first?["withheld"]?.int == 1)
    #expect(shop.said.count == 2)
    #expect(shop.said.first?.contains("No space left") == true)
  }

  @Test func callsGoOnWithoutRecordsOnlyWhereTheOperatorSaidSo() throws {
    let shop = try LogWorkshop()
    let disk = Disk(room: 2_000)
    let journal = shop.journal(log(shop, disk, .allow))
    for number in 0..<10 { try journal.record(number) }
    let missing = 10 - disk.lines.count
    #expect(missing > 0)
    #expect(shop.said.count == 1)
    #expect(shop.said.first?.contains("WITHOUT") == true)
    disk.makeRoom(10_000)
    try journal.record(10)
    let gap = try #require(try disk.lines.suffix(2).first.map { try RecordLine($0.dropLast()) })
    #expect(gap.text["unrecorded"]?.int == missing)
  }

  /// The system's own full disk.
  @Test func aDeviceThatIsFullGivesTheSystemsReason() throws {
    let file = try #require(try OpenFile.existing("/dev/full", O_WRONLY))
    var storage = SegmentedLog(.file("/dev/full"), .random(), file, size: 0)
    let failure = #expect(throws: WriteFailure.self) { try storage.append([1, 2, 3]) }
    #expect(failure?.message.contains("No space left on device") == true)
  }

  @Test func recordsOfManyThreadsMakeOneChain() async throws {
    let shop = try LogWorkshop()
    let place = LogPlace(shop.path("logs/"))
    var limits = AuditLog.Limits.patient
    limits.checkpointCount = 100
    let log = try shop.open(place, limits)
    let journal = shop.journal(log)
    await withTaskGroup { group in
      for worker in 0..<8 {
        group.addTask {
          for number in 0..<250 {
            #expect(throws: Never.self) { try journal.record(worker * 1_000 + number) }
          }
        }
      }
    }
    await log.close()
    let report = try #require(try shop.verify(place, mustBeClosed: true).reports.first)
    #expect(report.flaw == nil)
    #expect(report.calls == 2_000)
    #expect(report.last > 2_000 + 10)
  }

  @Test func aFullFileIsFollowedByAnother() async throws {
    for name in ["logs/", "file"] {
      let shop = try LogWorkshop()
      let place = LogPlace(shop.path(name))
      var limits = AuditLog.Limits.patient
      limits.maximumSize = 3_000
      let log = try shop.open(place, limits)
      let journal = shop.journal(log)
      for number in 0..<20 {
        try journal.record(number)
        log.checkpointNow()
      }
      await log.close()
      let report = try #require(try shop.verify(place, mustBeClosed: true).reports.first)
      #expect(report.flaw == nil, "\(report.flaw?.description ?? "")")
      #expect(report.calls == 20)
      #expect(report.files.count > 4)
      // The next gateway goes on in the last one.
      let next = try shop.open(place, limits)
      #expect(next.path == report.files.last)
      await next.close()
      #expect(try shop.verify(place, mustBeClosed: true).flaws.isEmpty)
      // One file by itself is a part; a file that is missing is missed.
      let middle = LogPlace(report.files[1])
      #expect(try shop.verify(middle).flaws.count == 1)
      #expect(try shop.verify(middle, mayBePart: true).flaws.isEmpty)
      #expect(unlink(report.files[1]) == 0)
      let flaw = try #require(try shop.verify(place).flaws.first)
      #expect(flaw.what.contains("are missing"))
    }
  }

  @Test func anOldFileIsFollowedByAnother() async throws {
    let shop = try LogWorkshop()
    let place = LogPlace(shop.path("logs/"))
    var limits = AuditLog.Limits.patient
    limits.maximumAge = .zero
    let log = try shop.open(place, limits)
    try shop.journal(log).record(1)
    log.checkpointNow()
    await log.close()
    #expect(try shop.verify(place, mustBeClosed: true).reports.first?.files.count == 2)
  }

  @Test func aRotationThatStoppedHalfwayHasNotHappened() async throws {
    let shop = try LogWorkshop()
    let path = try await shop.sample()
    #expect(link(path, path + ".1") == 0)
    #expect(try shop.verify(.file(path), mustBeClosed: true).flaws.isEmpty)
    let log = try shop.open(.file(path))
    await log.close()
    #expect(access(path + ".1", F_OK) != 0)
    #expect(try shop.verify(.file(path), mustBeClosed: true).flaws.isEmpty)
  }

  @Test func aFileHasOneWriterAndAFolderALogForEach() async throws {
    let shop = try LogWorkshop()
    let file = LogPlace(shop.path("file"))
    let holder = try shop.open(file)
    let problem = #expect(throws: Problem.self) { try shop.open(file) }
    #expect(problem?.message.contains("another gateway") == true)
    await holder.close()

    let folder = LogPlace(shop.path("logs/"))
    let logs = try (0..<3).map { _ in try shop.open(folder) }
    #expect(Set(logs.map(\.path)).count == 3)
    for log in logs { await log.close() }
    #expect(try shop.verify(folder, mustBeClosed: true).reports.count == 3)
  }

  /// A log is given back when its gateway is gone, and the next one goes on with it.
  @Test func aLogInAFolderIsContinued() async throws {
    let shop = try LogWorkshop()
    let folder = LogPlace(shop.path("logs/"))
    for number in 1...3 {
      let log = try shop.open(folder)
      try shop.journal(log).record(number)
      await log.close()
    }
    let reports = try shop.verify(folder, mustBeClosed: true).reports
    #expect(reports.map(\.calls) == [3])
    #expect(reports.first?.crashes == 0)
  }

  @Test func nothingIsWrittenAfterTheEnd() async throws {
    let shop = try LogWorkshop()
    let log = try shop.open(.file(shop.path("file")))
    await log.close()
    #expect(throws: Refusal.self) { try shop.journal(log).began(.sample(1)) }
    #expect(throws: Refusal.self) {
      try shop.journal(log).ended(.sample(1), CallTrail(), .succeeded(.sample))
    }
  }

  @Test func whatIsUnsignedIsSignedAfterATime() async throws {
    let shop = try LogWorkshop()
    var limits = AuditLog.Limits()
    limits.checkpointInterval = .milliseconds(20)
    let log = try shop.open(.file(shop.path("file")), limits)
    try shop.journal(log).record(1)
    for _ in 0..<500 {
      if try shop.verify(.file(shop.path("file"))).reports.first?.signedThrough ?? 0 > 0 { break }
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(try shop.verify(.file(shop.path("file"))).reports.first?.signedThrough ?? 0 > 0)
    await log.close()
  }

  @Test func filesAreClosedToOthers() async throws {
    let shop = try LogWorkshop()
    let log = try shop.open(LogPlace(shop.path("deep/logs/")))
    await log.close()
    for path in [log.path, shop.path("deep"), shop.path("deep/logs"), shop.heads] {
      var status = stat()
      #expect(lstat(path, &status) == 0)
      #expect(status.st_mode & 0o077 == 0, "\(path)")
    }
  }
}
