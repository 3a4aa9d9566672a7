import Testing

@testable import Audit

struct FingerprintTests {
  @Test func aDigestIsNamedAndInLowerCase() {
    #expect(
      Fingerprint.sha256(Array("abc".utf8)[...])
        == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test func hexadecimalDigitsComeBackAsTheBytesTheyWere() {
    let bytes = (0...255).map { UInt8($0) }
    #expect(Hex.bytes(Hex.text(bytes).utf8) == bytes)
  }

  @Test(arguments: ["a", "0g", "AB", "a b", "é"])
  func whatIsNotHexadecimalIsRefused(text: String) {
    #expect(Hex.bytes(text.utf8) == nil)
  }
}
