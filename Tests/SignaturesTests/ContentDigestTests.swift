import Testing

@testable import Signatures

struct ContentDigestTests {
  private static let empty =
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

  @Test func isTheHashOfTheBytes() {
    #expect(ContentDigest(of: [UInt8]()).description == Self.empty)
    #expect(ContentDigest(Self.empty) == ContentDigest(of: [UInt8]()))
  }

  @Test(arguments: [
    "", "sha256:", "sha256:E3", String(empty.dropLast()), empty + "0", empty.uppercased(),
    "sha512:" + empty.dropFirst(7), "sha256:" + String(repeating: "g", count: 64), " " + empty,
  ])
  func aSecondSpellingIsNone(_ text: String) {
    #expect(ContentDigest(text) == nil)
  }
}
