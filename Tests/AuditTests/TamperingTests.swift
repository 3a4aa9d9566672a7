import Glibc
import Testing
import Wire

@testable import Audit

/// Whatever is done to a log afterwards is found.
struct TamperingTests {
  @Test func aLogAsItWasWrittenIsIntact() async throws {
    let shop = try LogWorkshop()
    let path = try await shop.sample()
    let verification = try shop.verify(.file(path), mustBeClosed: true)
    #expect(verification.flaws.isEmpty, "\(verification.flaws.map(\.description))")
    let report = try #require(verification.reports.first)
    #expect(report.calls == 5)
    #expect(report.isClosed)
    #expect((report.first, report.last, report.signedThrough) == (1, 8, 8))
    #expect(ChainVerifier.flaw(of: try shop.bytes(path), trusting: shop.keys.trusted) == nil)
  }

  /// Every byte, in several ways: one bit, another digit, a letter's case, a line's end.
  @Test func everyChangedByteIsFound() async throws {
    let shop = try LogWorkshop()
    let original = try shop.bytes(try await shop.sample(calls: 2))
    let keys = shop.keys.trusted
    for position in original.indices {
      let changes = [
        original[position] ^ UInt8(1 << (position % 8)),
        position.isMultiple(of: 2) ? original[position] ^ 0x20 : UInt8(ascii: "\n"),
      ]
      for changed in changes where changed != original[position] {
        var bytes = original
        bytes[position] = changed
        if ChainVerifier.flaw(of: bytes, trusting: keys) == nil {
          Issue.record("byte \(position): \(original[position]) became \(changed)")
        }
      }
    }
  }

  @Test func everyLineThatIsTakenOutOrMovedIsNamed() async throws {
    let shop = try LogWorkshop()
    let lines = try shop.lines(try await shop.sample())
    let keys = shop.keys.trusted
    func flaw(_ lines: [[UInt8]]) -> Int? {
      ChainVerifier.flaw(of: lines.flatMap { $0 + [UInt8(ascii: "\n")] }, trusting: keys)?.sequence
    }
    for index in lines.indices {
      var without = lines
      without.remove(at: index)
      #expect(flaw(without) == index + 1, "line \(index + 1) was taken out")
      guard index > 0 else { continue }
      var swapped = lines
      swapped.swapAt(index - 1, index)
      #expect(flaw(swapped) == index, "lines \(index) and \(index + 1) were swapped")
      var twice = lines
      twice.insert(lines[index], at: index)
      #expect(flaw(twice) == index + 2, "line \(index + 1) is there twice")
    }
  }

  @Test func aLogThatIsCutAnywhereIsFound() async throws {
    let shop = try LogWorkshop()
    let path = try await shop.sample()
    let original = try shop.bytes(path)
    // What was remembered beside the keys tells of the end that is gone.
    for length in stride(from: 1, to: original.count, by: 97) {
      try shop.write(Array(original[..<length]), path)
      let flaws = try shop.verify(.file(path)).flaws
      #expect(!flaws.isEmpty, "cut to \(length) bytes")
    }
    let lines = try shop.lines(path)
    for count in 1..<lines.count {
      let cut = lines[..<count].flatMap { $0 + [UInt8(ascii: "\n")] }
      try shop.write(cut, path)
      #expect(try shop.verify(.file(path)).flaws.count == 1, "cut to \(count) records")
      // Without it, only a log that must be closed shows it.
      #expect(try shop.verify(.file(path), mustBeClosed: true, remembers: false).flaws.count == 1)
    }
  }

  @Test func aLogThatIsGoneIsMissed() async throws {
    let shop = try LogWorkshop()
    let folder = shop.path("logs/")
    let log = try shop.open(LogPlace(folder))
    try shop.journal(log).record(1)
    await log.close()
    let other = try shop.open(LogPlace(folder))
    await other.close()
    let files = try LogFiles.all(at: LogPlace(folder)).flatMap(\.files)
    for file in files { try removed(file) }
    let flaws = try shop.verify(LogPlace(folder)).flaws
    #expect(flaws.count == 1)
    #expect(flaws.first?.what.contains("is gone") == true)
    #expect(try shop.verify(LogPlace(folder), mayBePart: true).flaws.isEmpty)
  }

  private func removed(_ path: String) throws {
    #expect(unlink(path) == 0)
  }

  @Test func recordsOfAnotherLogAreFound() async throws {
    let shop = try LogWorkshop()
    let one = try shop.lines(try await shop.sample("one"))
    let other = try shop.lines(try await shop.sample("other"))
    for index in one.indices {
      var spliced = one
      spliced[index] = other[index]
      let text = spliced.flatMap { $0 + [UInt8(ascii: "\n")] }
      let flaw = ChainVerifier.flaw(of: text, trusting: shop.keys.trusted)
      // The first line by itself is a good one; what follows does not follow it.
      #expect(flaw?.sequence == max(index + 1, 2))
    }
    let headAndTail = one.prefix(4) + other.dropFirst(4)
    let text = headAndTail.flatMap { $0 + [UInt8(ascii: "\n")] }
    #expect(ChainVerifier.flaw(of: text, trusting: shop.keys.trusted)?.sequence == 5)
  }

  /// Who can write the file can make a chain of his own; the signatures he cannot.
  @Test func aWholeLogThatWasWrittenAnewIsFound() async throws {
    let shop = try LogWorkshop()
    let forger = try LogWorkshop()
    let forged = try forger.bytes(try await forger.sample())
    let flaw = try #require(ChainVerifier.flaw(of: forged, trusting: shop.keys.trusted))
    #expect(flaw.what.contains("trusted key"))
    #expect(ChainVerifier.flaw(of: forged, trusting: forger.keys.trusted) == nil)
  }

  @Test func aLogWrittenAnewWithoutSignaturesDoesNotFitWhatIsRemembered() async throws {
    let shop = try LogWorkshop()
    let path = try await shop.sample()
    let original = try shop.lines(path)
    let log = try #require(try RecordLine(original[0]).text["log"]?.string.flatMap { LogID($0) })
    // The same log, the same number of records, none of them signed.
    var (head, line, bytes) = (ChainHead.beginning, [UInt8](), [UInt8]())
    head = head.sealing(
      LogWorkshop.opening.record(log, shop.keys, reason: .start), at: .now, into: &line)
    bytes += line
    for _ in 1..<original.count {
      var text = RecordText(type: .call)
      text.add("id", "forged")
      head = head.sealing(text, at: .now, into: &line)
      bytes += line
    }
    try shop.write(bytes, path)
    let flaw = try #require(try shop.verify(.file(path)).flaws.first)
    #expect(flaw.what.contains("written anew"))
    #expect(flaw.sequence == original.count)
  }

  @Test func aLogWithoutSignaturesIsNotBelievedForLong() throws {
    let keys = AuditKeys.make()
    var verifier = ChainVerifier(keys: keys.trusted, mayLackBeginning: false, remembered: [:])
    var (head, line) = (ChainHead.beginning, [UInt8]())
    func next(_ text: RecordText, first: Bool = false) throws(ChainVerifier.Flaw) {
      head = head.sealing(text, at: .now, into: &line)
      try verifier.take(line.dropLast(), startsFile: first)
    }
    try next(LogWorkshop.opening.record(.random(), keys, reason: .start), first: true)
    var text = RecordText(type: .call)
    text.add("id", "x")
    var flaw: ChainVerifier.Flaw?
    for _ in 0...ChainVerifier.mostUnsigned where flaw == nil {
      do throws(ChainVerifier.Flaw) { try next(text) } catch { flaw = error }
    }
    #expect(flaw?.what.contains("no checkpoint") == true)
  }
}

extension ChainVerifier {
  fileprivate mutating func take(_ line: ArraySlice<UInt8>, startsFile: Bool) throws(Flaw) {
    try take(Array(line), startsFile: startsFile)
  }
}
