import Crypto
import CryptoExtras
import Foundation
import Testing
import Wire

@testable import Signatures

/// Signatures of cosign with a key, from the `.sig` tag to the verdict.
struct SigstoreSigningTests {
  private let shop = SigstoreWorkshop()
  private static let manifest = Manifests.image()
  private static let digest = ContentDigest(of: manifest)

  private func rig(_ requirements: String? = nil) throws -> VerifierRig {
    let rig = try VerifierRig(requirements ?? shop.requirement())
    rig.registry.put(Self.manifest, tag: "v1")
    return rig
  }

  private func code(
    _ requirements: String? = nil, _ attachments: [SigstoreAttachment]
  ) async throws -> RejectionCode? {
    let rig = try rig(requirements)
    rig.registry.attach(attachments, to: Self.digest)
    return try await rig.code()
  }

  @Test func aGoodSignatureIsAccepted() async throws {
    let rig = try rig()
    let payload = SigstoreWorkshop.payload(Self.digest)
    rig.registry.attach([try shop.attachment(payload)], to: Self.digest)
    let proof = try #require(try await rig.verify().proofs.first)
    #expect(proof.kind == .sigstoreSigned && proof.identity == "registry.test/ns/app")
    #expect(proof.key == ContentDigest(of: shop.key.publicKey.derRepresentation).description)
  }

  @Test func withoutOneItIsUnsigned() async throws {
    #expect(try await rig().code() == .unsigned)
    #expect(try await code(nil, []) == .unsigned)
    // Attestations are attached the same way.
    var attestation = try shop.attachment(SigstoreWorkshop.payload(Self.digest))
    attestation.mediaType = "application/vnd.dsse.envelope.v1+json"
    #expect(try await code(nil, [attestation]) == .unsigned)
  }

  @Test func theSignatureMustBeByTheKeyOverThesePayloadBytes() async throws {
    let payload = SigstoreWorkshop.payload(Self.digest)
    #expect(
      try await code(nil, [shop.attachment(payload, by: SigstoreWorkshop.other)]) == .badSignature)
    var altered = try shop.attachment(payload)
    altered.payload = SigstoreWorkshop.payload(Self.digest, "registry.test/ns/app2")
    #expect(try await code(nil, [altered]) == .badSignature)
    for text in [nil, "", "!", "AAAA", "AA=", "QUJD REVG"] {
      var broken = try shop.attachment(payload)
      broken.annotations[SigstoreAttachment.Annotation.signature] = text
      let expected: RejectionCode = text == "AAAA" ? .badSignature : .malformedSignature
      #expect(try await code(nil, [broken]) == expected, "\(text ?? "none")")
    }
    // Raw r and s are what no producer writes.
    let raw = try shop.key.signature(for: SHA256.hash(data: payload)).rawRepresentation
    var plain = try shop.attachment(payload)
    plain.annotations[SigstoreAttachment.Annotation.signature] = StrictBase64.encode(Array(raw))
    #expect(try await code(nil, [plain]) == .badSignature)
  }

  @Test func onlyAnAuthenticPayloadForThisImageCounts() async throws {
    let elsewhere = ContentDigest(of: [9])
    let rows: [([UInt8], RejectionCode?)] = [
      (SigstoreWorkshop.payload(Self.digest, optional: #"{"a":"b"}"#), nil),
      (SigstoreWorkshop.payload(Self.digest, "registry.test/ns/app:v7"), nil),
      (SigstoreWorkshop.payload(elsewhere), .digestMismatch),
      (SigstoreWorkshop.payload(Self.digest, "registry.test/ns/other"), .identityMismatch),
      (SigstoreWorkshop.payload(Self.digest, "Not A Name"), .identityMismatch),
      (SigstoreWorkshop.payload(Self.digest, type: "atomic container signature"), .payloadInvalid),
      (SigstoreWorkshop.payload(Self.digest, more: #","x":1"#), .payloadInvalid),
      (SigstoreWorkshop.payload(Self.digest, more: #","type":"y""#), .payloadInvalid),
      (SigstoreWorkshop.payload(Self.digest) + Array("{}".utf8), .payloadInvalid),
      (Array("{}".utf8), .payloadInvalid), ([], .payloadInvalid),
    ]
    for (payload, expected) in rows {
      #expect(
        try await code(nil, [shop.attachment(payload)]) == expected,
        "\(String(decoding: payload, as: UTF8.self))")
    }
  }

  @Test func cosignsNameWithoutATagNeedsARuleThatTakesIt() async throws {
    let payload = SigstoreWorkshop.payload(Self.digest)
    #expect(
      try await code(shop.requirement(identity: nil), [shop.attachment(payload)])
        == .identityMismatch)
    let tagged = SigstoreWorkshop.payload(Self.digest, "registry.test/ns/app:v1")
    #expect(try await code(shop.requirement(identity: nil), [shop.attachment(tagged)]) == nil)
  }

  @Test func aBadSignatureBesideAGoodOneDoesNoHarm() async throws {
    let good = try shop.attachment(SigstoreWorkshop.payload(Self.digest))
    let bad = try shop.attachment(
      SigstoreWorkshop.payload(ContentDigest(of: [1])), by: SigstoreWorkshop.other)
    #expect(try await code(nil, [bad, good]) == nil)
  }

  @Test func aSignatureOfTheIndexCounts() async throws {
    let index = Manifests.index([Manifests.entry(Self.digest, "amd64")])
    let rig = try VerifierRig(shop.requirement())
    rig.registry.put(Self.manifest)
    let top = rig.registry.put(index, tag: "v1", type: ManifestDocument.ociIndex)
    rig.registry.attach([try shop.attachment(SigstoreWorkshop.payload(top))], to: top)
    #expect(try await rig.code() == nil)
    // The signature of another image under this image's tag: what a wicked registry would do.
    let stranger = SigstoreWorkshop.payload(ContentDigest(of: [7]))
    rig.registry.attach([try shop.attachment(stranger)], to: top)
    #expect(try await rig.code() == .digestMismatch)
  }

  @Test func attachmentsThatAreSwitchedOffAreNone() async throws {
    var rig = try rig()
    rig.registry.attach(
      [try shop.attachment(SigstoreWorkshop.payload(Self.digest))], to: Self.digest)
    rig.configuration += "  use-sigstore-attachments: false\n"
    #expect(try await rig.code() == .unsigned)
  }

  @Test func aSignatureMayBeAFileOfTheStore() async throws {
    let attachment = try shop.attachment(SigstoreWorkshop.payload(Self.digest))
    let signature = attachment.annotations[SigstoreAttachment.Annotation.signature] ?? ""
    let text =
      #"{"mimeType":"\#(SigstoreAttachment.signatureType)","payload":"\#(StrictBase64.encode(attachment.payload))","annotations":{"\#(SigstoreAttachment.Annotation.signature)":"\#(signature)"}}"#
    let rig = try rig()
    rig.registry.putSignatures([Array("\0sigstore-json\n\(text)".utf8)], of: Self.digest)
    #expect(try await rig.code() == nil)
  }

  @Test(arguments: [
    (500, RejectionCode.registryError), (401, .registryAuth), (403, .registryAuth),
  ])
  func aTagThatCannotBeReadIsNotAnUnsignedImage(
    _ status: Int, _ expected: RejectionCode
  ) async throws {
    let rig = try rig()
    rig.registry.on(
      rig.registry.manifestURL("sha256-\(Self.digest.hex).sig"), status: status)
    #expect(try await rig.code() == expected)
    let later = try self.rig()
    later.registry.on(
      "\(FakeRegistry.host)/v2/ns/app/referrers/\(Self.digest)", status: status)
    #expect(try await later.code() == expected)
  }

  @Test func anotherKindOfManifestIsNoSignature() async throws {
    let rig = try rig()
    let url = rig.registry.manifestURL("sha256-\(Self.digest.hex).sig")
    for (bytes, type) in [
      (Manifests.image(type: ManifestDocument.dockerManifest), ManifestDocument.dockerManifest),
      (Manifests.index([]), ManifestDocument.ociIndex), (Array("<html>".utf8), "text/html"),
    ] {
      rig.registry.on(url, status: 200, bytes, [("Content-Type", type)])
      #expect(try await rig.code() == .malformedSignature)
    }
  }

  @Test func aBlobThatIsNotWhatItsDescriptorSaysIsNoSignature() async throws {
    let rig = try rig()
    let attachment = try shop.attachment(SigstoreWorkshop.payload(Self.digest))
    rig.registry.attach([attachment], to: Self.digest)
    let blob = ContentDigest(of: attachment.payload)
    rig.registry.on(
      "\(FakeRegistry.host)/v2/ns/app/blobs/\(blob)", status: 200, attachment.payload + [0x20])
    #expect(try await rig.code() == .digestMismatch)
    rig.registry.on("\(FakeRegistry.host)/v2/ns/app/blobs/\(blob)", status: 404)
    #expect(try await rig.code() == .registryError)
  }

  // MARK: Keys

  private func verdict(
    key pem: String, _ sign: ([UInt8]) throws -> [UInt8]
  ) async throws -> RejectionCode? {
    let payload = SigstoreWorkshop.payload(Self.digest)
    let attachment = SigstoreAttachment(
      mediaType: SigstoreAttachment.signatureType, payload: payload,
      annotations: [SigstoreAttachment.Annotation.signature: StrictBase64.encode(try sign(payload))]
    )
    return try await code(shop.requirement(key: pem), [attachment])
  }

  @Test func everyKindOfKeyVerifies() async throws {
    let p384 = P384.Signing.PrivateKey()
    #expect(
      try await verdict(key: p384.publicKey.pemRepresentation) {
        Array(try p384.signature(for: SHA256.hash(data: $0)).derRepresentation)
      } == nil)
    let p521 = P521.Signing.PrivateKey()
    #expect(
      try await verdict(key: p521.publicKey.pemRepresentation) {
        Array(try p521.signature(for: SHA256.hash(data: $0)).derRepresentation)
      } == nil)
    let ed25519 = Curve25519.Signing.PrivateKey()
    let der = SigstoreKey.ed25519(ed25519.publicKey).der
    #expect(
      try await verdict(key: Self.pem("PUBLIC KEY", der)) { Array(try ed25519.signature(for: $0)) }
        == nil)
    let rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    for pem in [
      rsa.publicKey.pemRepresentation,
      Self.pem("RSA PUBLIC KEY", Array(rsa.publicKey.pkcs1DERRepresentation)),
    ] {
      #expect(
        try await verdict(key: pem) {
          Array(
            try rsa.signature(for: SHA256.hash(data: $0), padding: .insecurePKCS1v1_5)
              .rawRepresentation)
        } == nil)
    }
    #expect(
      try await verdict(key: rsa.publicKey.pemRepresentation) {
        Array(try rsa.signature(for: SHA256.hash(data: $0), padding: .PSS).rawRepresentation)
      } == .badSignature)
    // SHA-384 with P-384 is what cosign does not do.
    #expect(
      try await verdict(key: p384.publicKey.pemRepresentation) {
        Array(try p384.signature(for: SHA384.hash(data: $0)).derRepresentation)
      } == .badSignature)
  }

  private static func pem(_ label: String, _ der: [UInt8]) -> String {
    "-----BEGIN \(label)-----\n\(StrictBase64.encode(der))\n-----END \(label)-----\n"
  }

  @Test func aShortRSAKeyIsRefused() async throws {
    let weak = """
      -----BEGIN PUBLIC KEY-----
      MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCWhJcwXymImRvhuhTzSV6HPea7
      qUEUCHpH6JKxJddA50lXOw4WJeRv9LMx9mtEnvybz/rhQmH4wK1cQJk2U+EDyuPE
      m+TpLO1S7jQUFHaVyNuqrZXJDmMhcJElik51FSWrQQqmP3lfRg4PhRclP2IwRk5t
      uoygxLwhlDsrXtd7YwIDAQAB
      -----END PUBLIC KEY-----
      """
    let found = try await verdict(key: weak) { _ in [1] }
    #expect(found == .weakAlgorithm)
  }

  @Test func whatIsNoPublicKeyIsUnusable() async throws {
    let good = shop.key.publicKey.pemRepresentation
    for pem in [
      "x", good + "x", good + "\n" + good, shop.key.pemRepresentation,
      good.replacing("PUBLIC KEY", with: "CERTIFICATE"), String(good.dropLast(30)),
      Self.pem("PUBLIC KEY", [1, 2, 3]),
    ] {
      #expect(try await verdict(key: pem) { _ in [1] } == .keyUnusable, "\(pem)")
    }
    #expect(try await verdict(key: "# my key\n" + good) { try shop.signature($0) } == nil)
    #expect(
      try await code(#"[{"type":"sigstoreSigned","keyPath":"missing.pub"}]"#, []) == .keyUnusable)
  }

  // MARK: The log

  private struct Change: Sendable, CustomTestStringConvertible {
    let what: String
    let entry: @Sendable (SigstoreWorkshop, [UInt8], [UInt8]) throws -> String?
    var testDescription: String { what }
  }

  private static func pem(_ shop: SigstoreWorkshop) -> String {
    shop.key.publicKey.pemRepresentation
  }

  private static let changes: [Change] = [
    Change(what: "none") { _, _, _ in nil },
    Change(what: "not JSON") { _, _, _ in "x" },
    Change(what: "of another log") {
      try $0.entry(SigstoreWorkshop.body($1, $2, verifier: pem($0)), by: SigstoreWorkshop.other)
    },
    Change(what: "with another time") {
      try $0.entry(SigstoreWorkshop.body($1, $2, verifier: pem($0)), told: 1_700_000_001)
    },
    Change(what: "with an unknown member") {
      try $0.entry(SigstoreWorkshop.body($1, $2, verifier: pem($0)), more: #","x":1"#)
    },
    Change(what: "about another payload") {
      try $0.entry(SigstoreWorkshop.body($1 + [0x20], $2, verifier: pem($0)))
    },
    Change(what: "about another signature") {
      try $0.entry(SigstoreWorkshop.body($1, $2 + [0], verifier: pem($0)))
    },
    Change(what: "about another key") {
      try $0.entry(
        SigstoreWorkshop.body(
          $1, $2, verifier: SigstoreWorkshop.other.publicKey.pemRepresentation))
    },
    Change(what: "about two keys") {
      try $0.entry(SigstoreWorkshop.body($1, $2, verifier: pem($0) + "\n" + pem($0)))
    },
    Change(what: "of another kind") {
      try $0.entry(SigstoreWorkshop.body($1, $2, verifier: pem($0), kind: "rekord"))
    },
    Change(what: "of another version") {
      try $0.entry(SigstoreWorkshop.body($1, $2, verifier: pem($0), version: "0.0.2"))
    },
    Change(what: "of a kind for envelopes") {
      try $0.entry(SigstoreWorkshop.body($1, $2, verifier: pem($0), kind: "dsse"))
    },
    Change(what: "that is no record") { shop, _, _ in try shop.entry(Array("{}".utf8)) },
  ]

  @Test func aLogThatIsDemandedMustHaveTheEntry() async throws {
    let payload = SigstoreWorkshop.payload(Self.digest)
    var attachment = try shop.attachment(payload)
    let signature = try attachment.signature()
    attachment.annotations[SigstoreAttachment.Annotation.logEntry] = try shop.goodEntry(
      payload, signature)
    #expect(try await code(shop.requirement(needsLog: true), [attachment]) == nil)
    for change in Self.changes {
      attachment.annotations[SigstoreAttachment.Annotation.logEntry] = try change.entry(
        shop, payload, signature)
      #expect(
        try await code(shop.requirement(needsLog: true), [attachment]) == .tlogInvalid,
        "\(change.what)")
      // Who demands no log is not disturbed by what is in the annotation.
      #expect(try await code(nil, [attachment]) == nil, "\(change.what)")
    }
  }

  @Test(arguments: 0..<4)
  func aMutatedEntryProvesNothing(_ seed: Int) throws {
    var mutations = Mutations(seed: UInt64(seed + 1))
    let payload = SigstoreWorkshop.payload(Self.digest)
    let signature = try shop.signature(payload)
    let text = try shop.goodEntry(payload, signature)
    let keys = [SigstoreKey.p256(shop.log.publicKey)]
    let original = try LogEntry.promised(annotation: text, by: keys)
    for _ in 0..<300 {
      let bytes = mutations.mutate(Array(text.utf8))
      let entry = try? LogEntry.promised(
        annotation: String(decoding: bytes, as: UTF8.self), by: keys)
      #expect(entry == nil || entry == original)
    }
  }
}
