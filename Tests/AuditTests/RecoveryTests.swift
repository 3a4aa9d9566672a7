import Foundation
import Testing
import Wire

@testable import Audit

/// What a gateway finds when it starts after another one's sudden end.
struct RecoveryTests {
  /// A log of three calls whose writer was killed, and where its last line begins.
  private func crashed(_ shop: LogWorkshop, _ name: String) throws -> (bytes: [UInt8], start: Int) {
    let path = shop.path(name)
    do {
      let log = try shop.open(.file(path))
      let journal = shop.journal(log)
      for number in 1...3 { try journal.record(number) }
    }
    let bytes = try shop.bytes(path)
    let start = bytes.dropLast().lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return (bytes, start)
  }

  @Test(arguments: ["a secret key without a line break", "{\"v\":2}", "\u{0}", "a\nb\n"])
  func aFileThatIsNoLogIsLeftAsItIs(text: String) throws {
    let shop = try LogWorkshop()
    let path = shop.path("other")
    try shop.write(Array(text.utf8), path)
    #expect(throws: Problem.self) { try shop.open(.file(path)) }
    #expect(try shop.bytes(path) == Array(text.utf8))
  }

  @Test func aCrashAtAnyByteOfTheLastLineIsRecoveredFromAndNoted() async throws {
    let shop = try LogWorkshop()
    let (bytes, start) = try crashed(shop, "crashed")
    for length in start...bytes.count {
      let path = shop.path("cut-\(length)")
      try shop.write(Array(bytes[..<length]), path)
      let log = try shop.open(.file(path))
      try shop.journal(log).record(9)
      await log.close()
      let report = try #require(try shop.verify(.file(path), mustBeClosed: true).reports.first)
      #expect(report.flaw == nil, "\(length): \(report.flaw?.description ?? "")")
      let isWhole = length == start || length == bytes.count
      #expect(report.recoveries == (isWhole ? 0 : 1))
      #expect(report.calls == (length == bytes.count ? 4 : 3))
      #expect(report.crashes == 1)
      // The next one is the same log, and shorter.
      try FileManager.default.removeItem(atPath: shop.heads)
    }
  }

  @Test func aCrashAtAnyByteOfTheFirstLineIsRecoveredFrom() async throws {
    let shop = try LogWorkshop()
    let (bytes, _) = try crashed(shop, "crashed")
    let end = try #require(bytes.firstIndex(of: UInt8(ascii: "\n")))
    for length in stride(from: 0, through: end, by: 7) {
      let path = shop.path("cut-\(length)")
      try shop.write(Array(bytes[..<length]), path)
      let log = try shop.open(.file(path))
      await log.close()
      #expect(try shop.verify(.file(path), mustBeClosed: true).flaws.isEmpty)
      try FileManager.default.removeItem(atPath: shop.heads)
    }
  }

  @Test func halfALineIsAFlawUntilAGatewayHasNotedIt() throws {
    let shop = try LogWorkshop()
    let (bytes, start) = try crashed(shop, "crashed")
    try shop.write(Array(bytes[..<(start + 10)]), shop.path("crashed"))
    let flaw = try #require(try shop.verify(.file(shop.path("crashed"))).flaws.first)
    #expect(flaw.what.contains("crash"))
    #expect(flaw.place?.line == 4)
  }

  @Test func aDamagedFileIsNotWrittenTo() throws {
    let shop = try LogWorkshop()
    let (bytes, start) = try crashed(shop, "crashed")
    var damaged = bytes
    damaged[start + 200] ^= 1
    try shop.write(damaged, shop.path("crashed"))
    #expect(throws: Problem.self) { try shop.open(.file(shop.path("crashed"))) }
    #expect(try shop.bytes(shop.path("crashed")) == damaged)
  }

  @Test func aDamagedLogInAFolderIsLeftAloneAndAnotherBegun() async throws {
    let shop = try LogWorkshop()
    let place = LogPlace(shop.path("logs/"))
    let first = try shop.open(place)
    try shop.journal(first).record(1)
    await first.close()
    let path = first.path
    try shop.write(try shop.bytes(path).dropLast(30) + Array("\n".utf8), path)
    let second = try shop.open(place)
    #expect(second.path != path)
    #expect(shop.said.contains { $0.contains("left alone") })
    await second.close()
    #expect(try shop.verify(place).reports.compactMap(\.flaw).count == 1)
  }

  @Test func aFileThatIsNoLogIsNotTouched() throws {
    let shop = try LogWorkshop()
    for text in ["precious\n", "{}\n", #"{"v":1,"seq":1}"# + "\n"] {
      try shop.write(Array(text.utf8), shop.path("file"))
      #expect(throws: Problem.self) { try shop.open(.file(shop.path("file"))) }
      #expect(try shop.bytes(shop.path("file")) == Array(text.utf8))
    }
  }

  @Test func alogThatLostItsSignedEndIsNotContinued() async throws {
    let shop = try LogWorkshop()
    let path = try await shop.sample()
    let lines = try shop.lines(path).dropLast(3)
    try shop.write(lines.flatMap { $0 + [UInt8(ascii: "\n")] }, path)
    let problem = #expect(throws: Problem.self) { try shop.open(.file(path)) }
    #expect(problem?.message.contains("are gone") == true)
  }

  @Test func aFileThatOthersMayWriteToIsRefused() async throws {
    let shop = try LogWorkshop()
    let path = try await shop.sample()
    try FileManager.default.setAttributes([.posixPermissions: 0o620], ofItemAtPath: path)
    #expect(throws: Problem.self) { try shop.open(.file(path)) }
  }

  @Test func aLinkIsNotFollowed() async throws {
    let shop = try LogWorkshop()
    let path = try await shop.sample()
    try FileManager.default.createSymbolicLink(
      atPath: shop.path("link"), withDestinationPath: path)
    #expect(throws: Problem.self) { try shop.open(.file(shop.path("link"))) }
  }
}
