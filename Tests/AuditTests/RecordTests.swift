import Crypto
import Foundation
import Interceptors
import Testing
import Wire

@testable import Audit

/// The form of records, which programs read: it changes only with the version.
struct RecordTests {
  private static let digest = KeyedDigest(SymmetricKey(data: [UInt8](repeating: 7, count: 32)))
  private static let golden = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures/records.jsonl")

  private func record(_ values: RecordedValues? = nil) -> CallRecord {
    CallRecord(transport: "streaming", digest: Self.digest, values: values)
  }

  private func keys() throws -> AuditKeys {
    let shop = try LogWorkshop()
    let line = String(repeating: "0a", count: 32)
    try shop.write(
      Array("mcp-gateway audit keys 1\nsigning \(line)\ndigests \(line)\n".utf8), shop.path("key"))
    return try #require(try AuditKeys.read(shop.path("key")))
  }

  private func trail() -> CallTrail {
    var trail = CallTrail()
    trail.rule = "tools"
    trail.image = "sha256:" + String(repeating: "ab", count: 32)
    return trail
  }

  /// One record of each kind, as a gateway would write them one after the other.
  private func records() throws -> [RecordText] {
    let log = try #require(LogID("00c0ffee00c0ffee"))
    let call = Call.sample(1)
    var changed = call
    changed.params = changed.params.setting("arguments", to: .emptyObject)
    var sent = trail()
    sent.sent = changed
    sent.exitCode = 0
    let outcomes: [(CallTrail, CallOutcome)] = [
      (trail(), .succeeded(.sample)), (sent, .toolFailed(.sample)),
      (trail(), .serverError(.invalidParams("no such page"))),
      (
        CallTrail(),
        .refused(
          Refusal(
            .secretFound, rule: "github-token", path: "arguments.q",
            message: "a secret is being passed to notes"))
      ),
      (trail(), .failed(Fault(.serverGone, from: .server, "notes ended; stderr: words"))),
    ]
    let away = TurnedAway(
      id: "test-9", caller: call.caller, method: .callTool, name: "none\u{1B}[2J",
      params: call.params,
      reason: .unusable(.invalidParams("unknown tool none")))
    let ask = AskRecord(
      ask: ServerAsk(server: "notes", method: .elicit, params: .emptyObject), caller: call.caller,
      call: call, outcome: .succeeded(.sample), duration: .milliseconds(2))
    var recovered = RecordText(type: .recovered)
    recovered.add("bytes", 17)
    recovered.add("digest", Fingerprint.sha256([]))
    return try [LogWorkshop.opening.record(log, keys(), reason: .start)]
      + outcomes.map { record().text(call, $0, $1) }
      + [record().text(away), record().text(ask), recovered]
  }

  @Test func theFormOfRecordsIsThatOfTheGoldenFile() throws {
    var (head, line, written) = (ChainHead.beginning, [UInt8](), [UInt8]())
    let time = Timestamp(microseconds: 1_763_841_032_123_456)
    for text in try records() {
      head = head.sealing(text, at: time, into: &line)
      written += line
    }
    var checkpoint = RecordText(type: .checkpoint)
    checkpoint.add("log", "00c0ffee00c0ffee")
    checkpoint.add("reason", "end")
    checkpoint.add("records", 9)
    head = try head.sealing(checkpoint, at: time, signedBy: keys().signing, into: &line)
    written += line
    // Times depend on the machine; no step is made here, so there are none but the zero in "us".
    let text = String(decoding: written, as: UTF8.self)
    if ProcessInfo.processInfo.environment["WRITE_GOLDEN"] != nil {
      try text.write(to: Self.golden, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: Self.golden, encoding: .utf8) == text)
    #expect(ChainVerifier.flaw(of: written, trusting: try keys().trusted) == nil)
  }

  @Test func theGoldenFileHoldsEveryKindButTheGap() throws {
    let lines = try String(contentsOf: Self.golden, encoding: .utf8).split(separator: "\n")
    let types = try lines.map { try RecordLine(Array($0.utf8)).type }
    #expect(Set(types).union([.gap]) == Set(RecordType.allCases))
  }

  @Test func valuesAreInNoRecord() throws {
    let call = Call.sample(1, arguments: #"{"q":"private words","deep":{"pin":4711}}"#)
    let result = CallResult(JSONText(string: "private answer"))
    let fault = Fault(.serverGone, from: .server, "stderr: private end")
    for outcome: CallOutcome in [.succeeded(result), .failed(fault)] {
      let text = String(decoding: record().text(call, trail(), outcome).bytes, as: UTF8.self)
      #expect(!text.contains("private"))
      #expect(!text.contains("4711"))
      #expect(text.contains("{q: string(13), deep: {pin: integer}}"))
    }
  }

  /// Without the key nobody can try values until the digest fits.
  @Test func digestsDependOnTheKey() {
    let bytes = Array("4711".utf8)[...]
    let other = KeyedDigest(SymmetricKey(data: [UInt8](repeating: 8, count: 32)))
    #expect(Array(Self.digest(bytes)) != Array(other(bytes)))
    #expect(Array(Self.digest(bytes)) == Array(Self.digest(bytes)))
    #expect(Array(Self.digest(bytes)).count == 16)
  }

  @Test func valuesAreRecordedWhereTheyAreWantedAndNoSecretIsFound() throws {
    let values = RecordedValues { $0.description.contains("hunter2") ? "password" : nil }
    let call = Call.sample(1, arguments: #"{"q":"öffentlich","p":"hunter2"}"#)
    let text = record(values).text(
      call, trail(), .succeeded(CallResult(JSONText(string: "hunter2"))))
    var line: [UInt8] = []
    _ = ChainHead.beginning.sealing(text, at: .now, into: &line)
    let record = try RecordLine(line.dropLast()).text
    #expect(record["input"]?["values"]?["q"]?.string == "öffentlich")
    #expect(record["input"]?["values"]?["p"]?.string == "[password]")
    #expect(record["result"]?["values"]?.string == "[password]")
    #expect(line.allSatisfy { $0 == 0x0A || (0x20..<0x7F).contains($0) })
  }

  @Test(arguments: [
    ("[\"hunter2\"]", "[password]"), ("{\"hunter2\":1}", "[password]"),
    ("{\"a\":{\"b\":\"hunter2\"},\"c\":1}", #"{"a":"[password]","c":1}"#),
  ])
  func whatHoldsASecretIsReplacedByItsRule(value: String, screened: String) throws {
    let values = RecordedValues { $0.description.contains("hunter2") ? "password" : nil }
    let result = values.screened(try JSONText(validating: value))
    #expect((result.string ?? result.description) == screened)
  }

  @Test func valuesThatAreTooLargeAreLeftOut() throws {
    let values = RecordedValues { _ in nil }
    let large = String(repeating: "x", count: 100_000)
    let call = Call.sample(1, arguments: #"{"q":"\#(large)"}"#)
    let text = record(values).text(call, trail(), .succeeded(.sample))
    #expect(text.bytes.count < 4_000)
  }

  @Test func namesOfAnyLengthMakeLinesOfALimitedOne() throws {
    let long = String(repeating: "ü", count: 100_000)
    var call = Call.sample(1, arguments: "{\"\(long)\":1}")
    call.target = long
    call.exposedName = long
    let refusal = Refusal(.policyDenied, rule: long, path: long, message: long)
    let text = record().text(call, CallTrail(), .refused(refusal))
    #expect(text.bytes.count < 40_000)
    var line: [UInt8] = []
    _ = ChainHead.beginning.sealing(text, at: .now, into: &line)
    #expect(try RecordLine(line.dropLast()).text["target"]?.string?.hasSuffix("…") == true)
  }

  @Test(arguments: ["a\u{1B}[2J", "line\nbreak", "\u{202E}gnp", "😀", "\0", "\"\\", "\u{7F}\u{9B}"])
  func namesAreReadBackAsTheyWereAndActOnNoTerminal(name: String) throws {
    var call = Call.sample(1)
    call.target = name
    let text = record().text(call, CallTrail(), .succeeded(.sample))
    var line: [UInt8] = []
    _ = ChainHead.beginning.sealing(text, at: .now, into: &line)
    #expect(line.dropLast().allSatisfy { (0x20..<0x7F).contains($0) })
    let read = try RecordLine(line.dropLast()).text["target"]?.string
    #expect(read == name.replacing("\0", with: "\u{FFFD}"))
  }

  /// What the fuzz target starts from, and what it once broke, holds in every test run.
  @Test func everyRecordOfTheCorpusKeepsThePromises() throws {
    let root = Self.golden.pathComponents.dropLast(4).joined(separator: "/")
    let folder = URL(filePath: String(root.dropFirst())).appending(path: "Fuzz/corpus/records")
    let inputs = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    #expect(inputs.count >= 10)
    var accepted = 0
    for input in inputs where try RecordProperties.record(Array(Data(contentsOf: input))) {
      accepted += 1
    }
    #expect(accepted > 0 && accepted < inputs.count)
  }

  /// No text makes the reader crash, and none but a record is taken for one.
  @Test func noTextIsMistakenForARecord() throws {
    var line: [UInt8] = []
    let text = record().text(.sample(1), trail(), .succeeded(.sample))
    _ = ChainHead.beginning.sealing(text, at: .now, into: &line)
    let good = Array(line.dropLast())
    #expect(throws: Never.self) { try RecordLine(good) }
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<3_000 {
      var bad = good
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let at = Int.random(in: 0..<bad.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bad[at] = .random(in: 0...255, using: &generator)
        case 1: bad.remove(at: at)
        case 2: bad.insert(.random(in: 0...255, using: &generator), at: at)
        default:
          bad.removeSubrange(at..<min(bad.count, at + .random(in: 1...200, using: &generator)))
        }
      }
      if bad != good { #expect(throws: RecordLine.Flaw.self) { try RecordLine(bad) } }
    }
    for length in 0..<good.count {
      #expect(throws: RecordLine.Flaw.self) { try RecordLine(Array(good[..<length])) }
    }
  }
}

extension RecordLine {
  fileprivate init(_ line: ArraySlice<UInt8>) throws(Flaw) { try self.init(Array(line)) }
}
