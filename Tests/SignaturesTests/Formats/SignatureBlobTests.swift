import Testing

@testable import Signatures

struct SignatureBlobTests {
  @Test(arguments: ["good", "uncompressed", "sha1", "two-signers", "trailing"])
  func openPGPMessagesAreTold(_ name: String) throws {
    let bytes = try Fixture.signature(name)
    #expect(try SignatureBlob(bytes) == .openPGP(bytes))
    #expect(try SignatureBlob(Array("\0simple-signing\n".utf8) + bytes) == .openPGP(bytes))
  }

  @Test(arguments: ["armored", "cleartext", "empty", "html"])
  func whatDoesNotStartAsASignatureIsNone(_ name: String) throws {
    let bytes = try Fixture.signature(name)
    for blob in [bytes, Array("\0simple-signing\n".utf8) + bytes] {
      let rejection = #expect(throws: Rejection.self) { try SignatureBlob(blob) }
      #expect(rejection?.code == .malformedSignature)
    }
  }

  @Test(arguments: [
    "\0", "\0simple-signing", "\0other\nx", "\0\nx", "\0sigstore-json\n", "\0sigstore-json\n{}",
    "\0sigstore-json\n" + #"{"mimeType":"x","payload":"AA","annotations":{}}"#,
    "\0sigstore-json\n" + #"{"mimeType":"x","payload":"AAAA","annotations":{"a":1}}"#,
    "\0sigstore-json\n" + #"{"mimeType":"x","payload":"AAAA","annotations":{},"x":1}"#,
    "\0" + String(repeating: "a", count: 100) + "\n",
  ])
  func anUnknownFormIsNoSignature(_ text: String) {
    let rejection = #expect(throws: Rejection.self) { try SignatureBlob(Array(text.utf8)) }
    #expect(rejection?.code == .malformedSignature)
  }

  @Test func aSigstoreFileIsRead() throws {
    let text = "\0sigstore-json\n" + #"{"mimeType":"m","payload":"AAAA","annotations":{"a":"b"}}"#
    #expect(
      try SignatureBlob(Array(text.utf8))
        == .sigstore(
          SigstoreAttachment(mediaType: "m", payload: [0, 0, 0], annotations: ["a": "b"])))
  }

  @Test func aHugeSignatureIsNotRead() {
    let blob = [UInt8](repeating: 0xA3, count: SignatureBlob.largest + 1)
    let rejection = #expect(throws: Rejection.self) { try SignatureBlob(blob) }
    #expect(rejection?.code == .tooLarge)
  }
}
