import Foundation
import Testing
import Wire

@testable import Secrets

@Suite struct SecretScannerTests {
  private static let scanner = try? SecretScanner()
  private static let token = Sample.github("ghp_")

  private func first(_ json: String) throws -> String? {
    let text = try JSONText(validating: json)
    return try #require(Self.scanner).firstFinding(in: text)?.description
  }

  private static let aws = "AKIA" + Sample.text(.base32, 16)

  private static let places: [(json: String, finding: String)] = [
    (#"{"k":"\#(aws)"}"#, "aws-access-key-id at k"),
    (#""\#(token)""#, "github-token"),
    (#"{"a":[1,{"b":"see \#(token)."}]}"#, "github-token at a[1].b"),
    (#"{"x":{"\#(token)":1}}"#, "github-token at x"),
    (#"{"\#(token)":{"\#(token)":1}}"#, "github-token"),
    (#"{"\#(token)":["\#(aws)"]}"#, "github-token"),
    (#"{"AKIAAAA":["line\n\#(token)"]}"#, "github-token at AKIAAAA[0]"),
    (#"["g\u0068p_\#(token.dropFirst(4))"]"#, "github-token at [0]"),
    (#"["{\"inner\":\"tab\\t\#(token)\"}"]"#, "github-token at [0]"),
    (
      #"{"content":[{"type":"text","text":"x \#(token.prefix(9))"},{"type":"text","text":"\#(token.dropFirst(9))"}]}"#,
      "github-token at content[0].text"
    ),
    (
      #"[{"text":"a"},{"text":"\#(aws.prefix(3))"},{"text":"\#(aws.dropFirst(3).prefix(5))"},{"text":"\#(aws.dropFirst(8))"}]"#,
      "aws-access-key-id at [1].text"
    ),
    (
      #"{"c":[{"te\u0078t":"\#(token.prefix(9))"},{"text":"\#(token.dropFirst(9))"}]}"#,
      "github-token at c[0].text"
    ),
    (
      #"{"env":[{"name":"AWS_SECRET_ACCESS_KEY","value":"\#(Sample.text(.base64, 40))"}]}"#,
      "aws-secret-access-key at env[0].value"
    ),
  ]

  @Test func aRegistryPasswordIsFoundInAConfigurationGivenAsObject() throws {
    let password = Data("bob:\(Sample.text(.alnum, 14))".utf8).base64EncodedString()
    let json = #"{"auths":{"registry.local":{"auth":"\#(password)"}}}"#
    #expect(try first(json) == "docker-config at auths[\"registry.local\"].auth")
  }

  @Test(arguments: places.indices)
  func aSecretIsFoundWhereverItStands(index: Int) throws {
    let place = Self.places[index]
    #expect(try first(place.json) == place.finding)
  }

  @Test func aNameThatIsASecretIsNotRepeatedInAPath() throws {
    let text = try JSONText(validating: #"{"\#(Self.aws)":["\#(Self.token)"]}"#)
    let findings = try #require(Self.scanner).findings(in: text)
    #expect(findings.map(\.description) == ["aws-access-key-id", #"github-token at ["?"][0]"#])
  }

  private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

  private static let encodings: [(name: String, text: String)] = [
    ("base64", base64("token: \(token)")),
    ("base64 of base64", base64(base64("token: \(token)"))),
    ("base64 behind a ruler", String(repeating: "A", count: 64) + base64("token: \(token)")),
    (
      "base64 after a ruler of its own",
      String(repeating: "x", count: 999) + " " + base64("token: \(token)")
    ),
    ("base64 behind other digits", "ABC" + base64("token: \(token)")),
    ("base64 in lines", wrapped(base64(String(repeating: "filler ", count: 12) + token))),
    ("a data URI", "data:text/plain;base64," + base64("token: \(token)")),
    ("base64 without padding", base64("to \(token)").replacingOccurrences(of: "=", with: "")),
    ("hex", token.utf8.map { String(format: "%02x", $0) }.joined()),
    ("hex behind a digit", "f" + token.utf8.map { String(format: "%02X", $0) }.joined()),
    ("percent-encoding", token.utf8.map { String(format: "%%%02X", $0) }.joined()),
    ("percent-encoding in part", "url=%22" + token.replacingOccurrences(of: "_", with: "%5F")),
    ("base64 of percent-encoding", base64(token.replacingOccurrences(of: "_", with: "%5F"))),
    ("zero-width characters", token.map { "\($0)\u{200B}" }.joined()),
    ("soft hyphens", token.map { "\($0)\u{AD}" }.joined()),
  ]

  private static func wrapped(_ text: String) -> String {
    stride(from: 0, to: text.count, by: 76).map { text.dropFirst($0).prefix(76) }
      .joined(separator: "\r\n")
  }

  @Test(arguments: encodings.indices)
  func anEncodedSecretIsFound(index: Int) throws {
    let encoding = Self.encodings[index]
    let text = JSONText(object: [("a", JSONText(string: "see \(encoding.text) here"))])
    let finding = try #require(Self.scanner).firstFinding(in: text)
    #expect(finding?.description == "github-token at a", "\(encoding.name)")
  }

  @Test func allFindingsNameEachRuleAndStringOnce() throws {
    let text = JSONText(array: [
      JSONText(string: "\(Self.token) \(Self.token)"), JSONText(string: "nothing"),
      JSONText(string: "\(Self.aws) \(Self.token)"),
    ])
    let findings = try #require(Self.scanner).findings(in: text).map(\.description)
    #expect(
      findings == ["github-token at [0]", "aws-access-key-id at [2]", "github-token at [2]"])
  }

  @Test func aTextOverTheSizeLimitIsNotCalledClean() throws {
    let scanner = try SecretScanner(limits: ScanLimits(maximumBytes: 10))
    #expect(throws: ScanFailure.overLimit(.size)) {
      try scanner.firstFinding(in: JSONText(string: "eleven bytes"))
    }
    #expect(throws: ScanFailure.overLimit(.size)) {
      try scanner.scan(bytes: Array("eleven bytes".utf8))
    }
  }

  @Test func decodingOverTheBudgetIsNotCalledClean() throws {
    let scanner = try SecretScanner(limits: ScanLimits(decodedRatio: 0))
    let text = JSONText(string: Sample.text(.base64, 200_000))
    #expect(throws: ScanFailure.overLimit(.decoded)) { try scanner.firstFinding(in: text) }
  }

  @Test(arguments: ["_eyJ", "eyJhbGci.", "AKIA", "-----BEGIN PRIVATE KEY-----\n", "a://b:c", "%41"])
  func textMadeOfAnchorsCostsBoundedTime(piece: String) throws {
    let bytes = Array(String(repeating: piece, count: (1 << 18) / piece.utf8.count).utf8)
    let started = ContinuousClock.now
    do { _ = try #require(Self.scanner).scan(bytes: bytes) } catch is ScanFailure {}
    #expect(started.duration(to: .now) < .seconds(20))
  }

  /// Checks walk forwards and backwards from every anchor, so each must stop at both ends of a
  /// text: these are cut anywhere.
  @Test func textGluedFromPartsOfCredentialsIsReadWithinItsEnds() throws {
    let scanner = try #require(Self.scanner)
    let parts = [Detector].builtIn.flatMap { $0.finds + $0.anchors.map(\.text) } + ["%", "\n", "="]
    var random = SystemRandomNumberGenerator()
    for _ in 0..<3_000 {
      var text: [UInt8] = []
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let part = Array((parts.randomElement(using: &random) ?? "").utf8)
        let cut = Int.random(in: 0...part.count, using: &random)
        text += Bool.random(using: &random) ? part.prefix(cut) : part.suffix(cut)
      }
      _ = try scanner.scan(bytes: text)
      let message = JSONText(array: [JSONText(string: String(decoding: text, as: UTF8.self))])
      _ = try scanner.findings(in: message)
    }
  }

  @Test func manyKnownValuesLoadQuickly() throws {
    let started = ContinuousClock.now
    let secrets = (0..<300).map {
      ExactSecret(name: "s\($0)", value: Sample.text(.alnum, 40, seed: UInt64($0)))
    }
    let scanner = try SecretScanner(exact: secrets)
    #expect(started.duration(to: .now) < .seconds(10))
    let wanted = Sample.text(.alnum, 40, seed: 299)
    #expect(try scanner.scan(bytes: Array("x=\(wanted)".utf8))?.ruleName == "exact:s299")
  }

  @Test func manyScansAtOnceAgree() async throws {
    let scanner = try #require(Self.scanner)
    let text = JSONText(array: [JSONText(string: Self.token)])
    let clean = JSONText(array: [JSONText(string: "nothing to see")])
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for index in 0..<200 {
        group.addTask {
          (try scanner.firstFinding(in: index % 2 == 0 ? text : clean) != nil) == (index % 2 == 0)
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }
}
