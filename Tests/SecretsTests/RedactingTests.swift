import Testing
import Wire

@testable import Secrets

private let secret = "correct-horse-battery-staple"

private func redacted(_ text: String) throws -> RedactedText? {
  let scanner = try SecretScanner(exact: [
    ExactSecret(name: "db", value: secret), ExactSecret(name: "pin", value: "83920174658"),
  ])
  return try scanner.redacting(try JSONText(validating: text))
}

@Test func aTextWithoutSecretsStaysAsItIs() throws {
  let found = try #require(try redacted(#"{ "a" : "b" }"#))
  #expect(found.text.description == #"{ "a" : "b" }"#)
  #expect(found.paths == [])
}

@Test func eachStringWithASecretIsReplacedAndNamed() throws {
  let found = try #require(
    try redacted(#"{"a":["x","-\#(secret)-"],"b":{"c":"\#(secret)"},"d":1}"#))
  #expect(
    found.text.description
      == #"{"a":["x","[redacted: exact:db]"],"b":{"c":"[redacted: exact:db]"},"d":1}"#)
  #expect(found.paths.map(\.description) == ["a[1]", "b.c"])
}

@Test func aSecretThatIsSplitOverBlocksIsFoundAndGone() throws {
  let text = #"{"content":[{"text":"correct-horse-"},{"text":"battery-staple"}]}"#
  let found = try #require(try redacted(text))
  #expect(!found.paths.isEmpty)
  let again = try #require(try redacted(found.text.description))
  #expect(again.paths == [])
}

@Test(arguments: [#"{"\#(secret)":1}"#, #"{"a":83920174658}"#])
func whatCannotBeReplacedIsNotShown(_ text: String) throws {
  #expect(try redacted(text) == nil)
}

@Test func valuesComeBackWhereTheirPlaceholdersWereLeftAndNowhereElse() throws {
  let found = try #require(try redacted(#"{"a":"\#(secret)","b":1}"#))
  let placeholder = #""[redacted: exact:db]""#
  func restored(_ text: String) throws -> String {
    found.restoring(try JSONText(validating: text)).description
  }
  #expect(try restored(#"{"a":\#(placeholder),"c":2}"#) == #"{"a":"\#(secret)","c":2}"#)
  #expect(try restored(#"{"b":\#(placeholder)}"#) == #"{"b":\#(placeholder)}"#)
  #expect(try restored(#"{"a":"other"}"#) == #"{"a":"other"}"#)
  #expect(try restored(#"{"a":[\#(placeholder)]}"#) == #"{"a":[\#(placeholder)]}"#)
}
