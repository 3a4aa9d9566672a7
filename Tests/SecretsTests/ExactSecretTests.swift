import Foundation
import Testing
import Wire

@testable import Secrets

@Suite struct ExactSecretTests {
  private static let value = "k7#Qp/9\"zW ä\\vL2"
  private static let scanner = try? SecretScanner(
    detectors: [], exact: [ExactSecret(name: "DB_PASSWORD", value: value + "\n")])

  private static func base64(_ text: String, urlSafe: Bool = false) -> String {
    let plain = Data(text.utf8).base64EncodedString()
    guard urlSafe else { return plain }
    return plain.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
  }

  private static let forms: [(String, String)] = [
    ("plain", "before \(value) after"),
    ("base64 at alignment 0", base64(value + "tail")),
    ("base64 at alignment 1", base64("a" + value + "tail")),
    ("base64 at alignment 2", base64("ab" + value + "tail")),
    ("base64 in the url alphabet", base64("a" + value, urlSafe: true)),
    ("base64 of base64", base64(base64(value))),
    ("hex", value.utf8.map { String(format: "%02x", $0) }.joined()),
    ("upper-case hex", value.utf8.map { String(format: "%02X", $0) }.joined()),
    ("percent-encoded", value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""),
    ("every byte percent-encoded", value.utf8.map { String(format: "%%%02x", $0) }.joined()),
    ("escaped as JSON once more", JSONText(string: value).description),
    ("reversed", String(decoding: value.utf8.reversed(), as: UTF8.self)),
    ("with a zero-width space inside", "k7#Qp/9\"z\u{200B}W ä\\vL2"),
  ]

  @Test(arguments: forms.map(\.0).indices)
  func aKnownValueIsFoundInEachForm(index: Int) throws {
    let (form, text) = Self.forms[index]
    guard form != "reversed" else { return try reversedIsFoundAsText() }
    let message = JSONText(object: [("a", JSONText(array: [JSONText(string: text)]))])
    let finding = try #require(Self.scanner).firstFinding(in: message)
    #expect(finding?.rule == .exact("DB_PASSWORD"), "\(form)")
    #expect(finding?.description == "exact:DB_PASSWORD at a[0]", "\(form)")
  }

  /// Reversed bytes of a value beyond ASCII are no UTF-8, so they can only stand in plain text.
  private func reversedIsFoundAsText() throws {
    let finding = try #require(Self.scanner).scan(bytes: Array(Self.value.utf8.reversed()))
    #expect(finding?.rule == .exact("DB_PASSWORD"))
  }

  @Test func itsOwnerMaySeeItAndNobodyElse() throws {
    let token = Sample.github("ghp_")
    let scanner = try SecretScanner(exact: [
      ExactSecret(name: "mine", value: token), ExactSecret(name: "other", value: "hG8-yyQ2-77ab"),
    ])
    let own = JSONText(object: [("token", JSONText(string: token))])
    #expect(try scanner.firstFinding(in: own, ownedBy: ["mine"]) == nil)
    #expect(try scanner.firstFinding(in: own, ownedBy: ["other"]) != nil)
    let header = JSONText(string: "Basic " + Self.base64("user:" + token))
    #expect(try scanner.firstFinding(in: header, ownedBy: ["mine"]) == nil)
    let both = JSONText(array: [JSONText(string: token), JSONText(string: "hG8-yyQ2-77ab")])
    let finding = try scanner.firstFinding(in: both, ownedBy: ["mine"])
    #expect(finding?.description == "exact:other at [1]")
    let foreign = JSONText(array: [JSONText(string: token + " " + Sample.github("gho_"))])
    #expect(
      try scanner.firstFinding(in: foreign, ownedBy: ["mine"])?.rule == .detector("github-token"))
  }

  @Test func manyMentionsOfAnOwnSecretPass() throws {
    let scanner = try SecretScanner(exact: [ExactSecret(name: "mine", value: "bQ7-xx81-zz")])
    let text = JSONText(string: String(repeating: "bQ7-xx81-zz ", count: 20_000))
    #expect(try scanner.firstFinding(in: text, ownedBy: ["mine"]) == nil)
  }

  @Test func aLongerSecretAroundTheOwnersIsNotTheOwners() throws {
    let scanner = try SecretScanner(
      detectors: [],
      exact: [
        ExactSecret(name: "mine", value: "bQ7-xx81-zz"),
        ExactSecret(name: "other", value: "bQ7-xx81-zz-9"),
        ExactSecret(name: "part", value: "xx81-zz"),
      ])
    let text = JSONText(string: "bQ7-xx81-zz")
    #expect(try scanner.firstFinding(in: text, ownedBy: ["mine"]) == nil)
    let longer = JSONText(string: "bQ7-xx81-zz-9")
    #expect(try scanner.firstFinding(in: longer, ownedBy: ["mine"])?.rule == .exact("other"))
  }

  @Test func aValueOfDigitsIsFoundAsANumber() throws {
    let scanner = try SecretScanner(exact: [ExactSecret(name: "PIN", value: "90817263")])
    let text = try JSONText(validating: #"{"a":["x",{"pin":90817263}]}"#)
    #expect(try scanner.firstFinding(in: text)?.description == "exact:PIN")
    #expect(try scanner.firstFinding(in: text, ownedBy: ["PIN"]) == nil)
    let quoted = try JSONText(validating: #"{"a":"90817263"}"#)
    #expect(try scanner.findings(in: quoted).first?.description == "exact:PIN at a")
  }

  @Test func aLongValueIsComparedToItsEnd() throws {
    let value = Sample.text(.alnum, 300)
    let scanner = try SecretScanner(
      detectors: [], exact: [ExactSecret(name: "long", value: value)])
    #expect(try scanner.scan(bytes: Array("x\(value)y".utf8)) != nil)
    #expect(try scanner.scan(bytes: Array("x\(value.dropLast())".utf8)) == nil)
  }

  @Test(arguments: ["", "  \n", "abc", "12345 \n"])
  func aShortValueIsListedAsUnscannable(value: String) throws {
    let scanner = try SecretScanner(exact: [ExactSecret(name: "PIN", value: value)])
    #expect(scanner.unscannable == [UnscannableSecret(name: "PIN", reason: .tooShort)])
  }

  @Test func aCommonWordIsListedAsUnscannable() throws {
    let scanner = try SecretScanner(exact: [ExactSecret(name: "PW", value: "Postgres")])
    #expect(scanner.unscannable.map(\.reason) == [.tooCommon])
    #expect(try scanner.scan(bytes: Array("postgres".utf8)) == nil)
  }

  @Test func aShortValueMustStandAlone() throws {
    let scanner = try SecretScanner(
      detectors: [], exact: [ExactSecret(name: "code", value: "zebra7")])
    #expect(try scanner.scan(bytes: Array("pw=zebra7;".utf8)) != nil)
    #expect(try scanner.scan(bytes: Array("zebra77".utf8)) == nil)
  }

  @Test func printingAScannerOrASecretShowsNoValue() throws {
    let secret = ExactSecret(name: "N", value: "tell-nobody-91")
    let scanner = try SecretScanner(exact: [secret])
    var dumped = "\(secret) \(secret as Any) \(scanner) \(String(reflecting: secret))"
    dump(secret, to: &dumped)
    dump(scanner, to: &dumped)
    #expect(!dumped.contains("tell-nobody"))
  }
}
