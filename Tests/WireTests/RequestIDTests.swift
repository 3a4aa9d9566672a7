import Testing

@testable import Wire

struct RequestIDTests {
  @Test(arguments: [
    "0", "1", "-1", "9007199254740993", "-9007199254740993", "9223372036854775807",
    "-9223372036854775808", #""""#, #""17""#, #""a b""#, #""\"\\\n""#, #""é😀""#,
  ])
  func anIDComesBackWithTheSameTypeAndValue(_ literal: String) throws {
    let text = try JSONText(validating: literal)
    #expect(try #require(RequestID(text)).text == text)
  }

  @Test(arguments: [
    "null", "true", "false", "1.0", "1.5", "1e3", "1E0", "-0.0", "9223372036854775808",
    "18446744073709551615", "[]", "[1]", "{}",
  ])
  func nothingElseIsAnID(_ literal: String) throws {
    #expect(RequestID(try JSONText(validating: literal)) == nil)
  }

  @Test func aStringIsNotTheIntegerItSpells() throws {
    let string = RequestID(try JSONText(validating: #""17""#))
    #expect(string == .string("17"))
    #expect(string != .integer(17))
  }

  @Test func theSameStringInAnotherSpellingIsTheSameID() throws {
    #expect(RequestID(try JSONText(validating: #""\u0061""#)) == .string("a"))
  }
}
