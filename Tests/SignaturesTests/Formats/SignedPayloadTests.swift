import Testing

@testable import Signatures

struct SignedPayloadTests {
  private static let digest = "sha256:" + String(repeating: "0123456789abcdef", count: 4)

  private static func payload(
    type: String = "atomic container signature", image: String? = nil,
    identity: String = #"{"docker-reference":"r.io/a:1"}"#,
    critical: String? = nil, optional: String = "{}", rest: String = ""
  ) -> String {
    let image = image ?? #"{"docker-manifest-digest":"\#(digest)"}"#
    let critical =
      critical ?? #"{"type":"\#(type)","image":\#(image),"identity":\#(identity)}"#
    return #"{"critical":\#(critical),"optional":\#(optional)\#(rest)}"#
  }

  @Test(arguments: [
    payload(), payload(optional: #"{"creator":"x","timestamp":1458239713}"#),
    payload(optional: #"{"timestamp":1.0,"more":[null]}"#),
    payload(optional: #"{"timestamp":1e3}"#),
    payload(optional: #"{"timestamp":-9223372036854775808}"#), payload() + " \n",
    payload(image: #"{"docker-manifest-digest":"sha512:\#(String(repeating: "0", count: 128))"}"#),
  ])
  func wellFormedPayloadsAreRead(_ text: String) throws {
    let payload = try SignedPayload(Array(text.utf8), as: .atomic)
    #expect(payload.identity == "r.io/a:1")
  }

  @Test(arguments: [
    "", "{}", "null", payload() + "x", payload() + "{}", "\u{FEFF}" + payload(),
    payload(rest: #","more":1"#), payload(optional: "null"), payload(optional: "[]"),
    #"{"critical":{}}"#, payload(critical: "{}"), payload(critical: "null"),
    payload(type: "cosign container image signature"), payload(type: "Atomic container signature"),
    payload(image: "{}"), payload(image: #"{"docker-manifest-digest":1}"#),
    payload(image: #"{"Docker-manifest-digest":"\#(digest)"}"#),
    payload(image: #"{"docker-manifest-digest":"\#(digest)","x":1}"#),
    payload(
      image: #"{"docker-manifest-digest":"\#(digest)","docker-manifest-diges\u0074":"\#(digest)"}"#),
    payload(image: #"{"docker-manifest-digest":"\#(digest.uppercased())"}"#),
    payload(image: #"{"docker-manifest-digest":"md5:00"}"#),
    payload(image: #"{"docker-manifest-digest":"\#(digest) "}"#),
    payload(identity: "{}"), payload(identity: #"{"docker-reference":null}"#),
    payload(identity: #"{"docker-reference":"a","x":"b"}"#),
    payload(optional: #"{"timestamp":1.5}"#), payload(optional: #"{"timestamp":"1"}"#),
    payload(optional: #"{"timestamp":9223372036854775808}"#), payload(optional: #"{"creator":1}"#),
    payload(optional: #"{"a":1,"a":2}"#), payload(optional: "{\"a\":\"\u{1}\"}"),
    payload(optional: #"{"a":"\ud800"}"#),
    payload(optional: String(repeating: "[", count: 70) + String(repeating: "]", count: 70)),
  ])
  func anythingElseIsRefused(_ text: String) {
    #expect(throws: FormFlaw.self) { try SignedPayload(Array(text.utf8), as: .atomic) }
  }

  @Test func theOptionalPartOfCosignMayBeNull() throws {
    let text = Self.payload(type: "cosign container image signature", optional: "null")
    #expect(try SignedPayload(Array(text.utf8), as: .cosign).digest == Self.digest)
    #expect(throws: FormFlaw.self) {
      try SignedPayload(Array(Self.payload().utf8), as: .cosign)
    }
  }

  @Test func bytesThatAreNotUTF8AreRefused() {
    let bytes = Array(Self.payload(optional: #"{"creator":"?"}"#).utf8).map {
      $0 == UInt8(ascii: "?") ? 0xFF : $0
    }
    #expect(throws: FormFlaw.self) { try SignedPayload(bytes, as: .atomic) }
  }

  @Test(arguments: 0..<4)
  func aMutationIsRefusedOrSaysTheSameDigestInTheSamePlace(_ seed: Int) {
    var mutations = Mutations(seed: UInt64(seed + 1))
    let original = Array(Self.payload(optional: #"{"creator":"x","timestamp":1}"#).utf8)
    for _ in 0..<1_000 {
      let bytes = mutations.mutate(original)
      guard let payload = try? SignedPayload(bytes, as: .atomic) else { continue }
      #expect(String(decoding: bytes, as: UTF8.self).contains(payload.digest))
    }
  }
}
