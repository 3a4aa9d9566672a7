import Testing
import Wire

@testable import Signatures

/// OpenPGP signatures in a lookaside store, from the store to the verdict.
@Suite(.timeLimit(.minutes(30)))
struct SimpleSigningTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let signatures: [String]
    var code: RejectionCode?
    var testDescription: String { "\(signatures) \(code?.rawValue ?? "accepted")" }
  }

  static let cases = [
    Case(signatures: ["good"]), Case(signatures: ["uncompressed"]), Case(signatures: ["zlib"]),
    Case(signatures: [], code: .unsigned),
    Case(signatures: ["other-key"], code: .untrustedKey),
    Case(signatures: ["altered"], code: .badSignature),
    Case(signatures: ["detached"], code: .badSignature),
    Case(signatures: ["armored"], code: .malformedSignature),
    Case(signatures: ["cleartext"], code: .malformedSignature),
    Case(signatures: ["literal"], code: .malformedSignature),
    Case(signatures: ["literal-then-signed"], code: .malformedSignature),
    Case(signatures: ["signed-then-literal"], code: .malformedSignature),
    Case(signatures: ["two-messages"], code: .malformedSignature),
    Case(signatures: ["cut-inside"], code: .malformedSignature),
    Case(signatures: ["cut-at-end"], code: .malformedSignature),
    Case(signatures: ["trailing"], code: .malformedSignature),
    Case(signatures: ["trailing-uncompressed"], code: .malformedSignature),
    Case(signatures: ["empty"], code: .malformedSignature),
    Case(signatures: ["html"], code: .malformedSignature),
    Case(signatures: ["two-signers"], code: .multipleSignatures),
    Case(signatures: ["bad-payload"], code: .payloadInvalid),
    Case(signatures: ["other-digest"], code: .digestMismatch),
    Case(signatures: ["other-tag"], code: .identityMismatch),
    Case(signatures: ["other-repository"], code: .identityMismatch),
    Case(signatures: ["no-tag"], code: .identityMismatch),
    Case(signatures: ["expired-signature"], code: .signatureExpired),
    // Any good one is enough, wherever it stands.
    Case(signatures: ["html", "altered", "other-key", "good"]),
    Case(signatures: ["good", "armored", "empty"]),
    // Of several, the one that got furthest is told.
    Case(signatures: ["html", "other-key", "other-tag", "other-digest"], code: .identityMismatch),
    Case(signatures: ["other-key", "html"], code: .untrustedKey),
    Case(signatures: ["other-digest", "bad-payload"], code: .digestMismatch),
  ]

  private static func rig(_ requirements: String = VerifierRig.gpg) throws -> VerifierRig {
    let rig = try VerifierRig(requirements)
    rig.registry.put(try Fixture.manifest(), tag: "v1")
    return rig
  }

  @Test(arguments: cases)
  func theVerdictIsThatOfTheTable(_ row: Case) async throws {
    let rig = try Self.rig()
    let blobs = try row.signatures.map { try Fixture.signature($0) }
    rig.registry.putSignatures(blobs, of: ContentDigest(of: try Fixture.manifest()))
    #expect(try await rig.code() == row.code)
  }

  @Test(arguments: [
    ("revoked-key", "revoked", RejectionCode?.some(.keyRevoked)),
    ("expired-key", "expired", .keyExpired), ("weak-key", "weak", .weakAlgorithm),
    ("sha1", "rsa", .weakAlgorithm), ("ripemd", "rsa", .weakAlgorithm), ("rsa", "rsa", nil),
    ("subkey", "subkeyed", nil), ("revoked-subkey", "subkeyed", .keyRevoked),
    ("good", "both", nil), ("good", "empty", .keyUnusable), ("good", "garbage", .keyUnusable),
    ("good", "secret", .keyUnusable), ("good", "missing", .keyUnusable),
  ])
  func theKeysOfThePolicyDecide(_ row: (String, String, RejectionCode?)) async throws {
    let rig = try Self.rig(
      #"[{"type":"signedBy","keyType":"GPGKeys","keyPath":"\#(row.1).gpg"}]"#)
    let digest = ContentDigest(of: try Fixture.manifest())
    rig.registry.putSignatures([try Fixture.signature(row.0)], of: digest)
    #expect(try await rig.code() == row.2)
  }

  @Test func anUnusableKeyRejectsEvenBesideTheRightOne() async throws {
    let rig = try Self.rig(
      #"[{"type":"signedBy","keyType":"GPGKeys","keyPaths":["trusted.gpg","garbage.gpg"]}]"#)
    let digest = ContentDigest(of: try Fixture.manifest())
    rig.registry.putSignatures([try Fixture.signature("good")], of: digest)
    #expect(try await rig.code() == .keyUnusable)
  }

  @Test func theProofNamesKeyNameAndPlace() async throws {
    let rig = try Self.rig()
    let digest = ContentDigest(of: try Fixture.manifest())
    rig.registry.putSignatures([try Fixture.signature("good")], of: digest)
    let image = try await rig.verify()
    #expect(image.topDigest == digest && image.platformDigest == digest && image.warnings == [])
    #expect(image.configDigest.description.hasPrefix("sha256:44136fa355b3"))
    let proof = try #require(image.proofs.first)
    #expect(proof.kind == .signedBy && proof.identity == Fixture.reference)
    #expect(proof.key == (try Fixture.fingerprint("trusted")))
    #expect(proof.source.hasSuffix("signature-1"))
  }

  /// The digest that the user gave fixes the content; rules on the name hold all the same.
  @Test(arguments: [
    ("registry.test/ns/app@DIGEST", "matchRepoDigestOrExact", true),
    ("registry.test/ns/app:v1@DIGEST", "matchRepoDigestOrExact", true),
    ("registry.test/ns/app:v2@DIGEST", "matchRepoDigestOrExact", false),
    ("registry.test/ns/app@DIGEST", "matchExact", false),
    ("registry.test/ns/app:v1@DIGEST", "matchExact", true),
    ("registry.test/ns/app:v2@DIGEST", "matchRepository", true),
  ])
  func rulesOnTheNameHoldForDigests(
    _ reference: String, _ rule: String, _ isAccepted: Bool
  ) async throws {
    let rig = try Self.rig(
      #"[{"type":"signedBy","keyType":"GPGKeys","keyPath":"trusted.gpg","signedIdentity":{"type":"\#(rule)"}}]"#
    )
    let digest = ContentDigest(of: try Fixture.manifest())
    rig.registry.putSignatures([try Fixture.signature("good")], of: digest)
    let code = try await rig.code(reference.replacing("DIGEST", with: digest.description))
    #expect(code == (isAccepted ? nil : .identityMismatch))
  }

  /// An entry for the registry would not speak of it.
  @Test(arguments: ["Registry.test/ns/app:v1", "registry.test:443/ns/app:v1"])
  func aRegistryInAnotherSpellingIsRefused(_ reference: String) async throws {
    let rig = try VerifierRig()
    #expect(try await rig.code(reference) == .badReference)
  }

  @Test func signaturesThatAreTooMuchInAllAreRefused() async throws {
    let rig = try Self.rig()
    let digest = ContentDigest(of: try Fixture.manifest())
    let large = [UInt8](repeating: 0x58, count: 4 << 20)
    rig.registry.putSignatures(Array(repeating: large, count: 5), of: digest)
    #expect(try await rig.code() == .tooLarge)
  }

  @Test func allRequirementsMustHold() async throws {
    let both =
      #"[{"type":"signedBy","keyType":"GPGKeys","keyPath":"trusted.gpg"},{"type":"signedBy","keyType":"GPGKeys","keyPath":"rsa.gpg"}]"#
    let rig = try Self.rig(both)
    let digest = ContentDigest(of: try Fixture.manifest())
    rig.registry.putSignatures([try Fixture.signature("good")], of: digest)
    #expect(try await rig.code() == .untrustedKey)
    rig.registry.putSignatures(
      try ["good", "rsa"].map { try Fixture.signature($0) }, of: digest)
    #expect(try await rig.verify().proofs.count == 2)
  }

  @Test func theSignatureMayBeOnTheIndexOrOnThePlatformsManifest() async throws {
    let manifest = try Fixture.manifest()
    let digest = ContentDigest(of: manifest)
    let other = Manifests.image()
    let index = Manifests.index([
      Manifests.entry(ContentDigest(of: other), "arm64"), Manifests.entry(digest, "amd64"),
    ])
    let rig = try VerifierRig()
    rig.registry.put(manifest)
    rig.registry.put(other)
    rig.registry.put(index, tag: "v1", type: ManifestDocument.ociIndex)
    rig.registry.putSignatures([try Fixture.signature("good")], of: digest)
    let image = try await rig.verify()
    #expect(image.topDigest == ContentDigest(of: index) && image.platformDigest == digest)
    // The engine is not given the index: it could choose another entry than we did.
    #expect(try image.pinned.digest == digest.description)
    #expect(!image.isRun(asID: image.topDigest.description))
    #expect(image.isRun(asID: digest.description))

    // The signature of another platform's manifest does not count.
    let foreign = Manifests.index([
      Manifests.entry(digest, "arm64"), Manifests.entry(ContentDigest(of: other), "amd64"),
    ])
    rig.registry.put(foreign, tag: "v1", type: ManifestDocument.ociIndex)
    #expect(try await rig.code() == .unsigned)
    // Of two entries for one platform the first counts.
    let twice = Manifests.index([
      Manifests.entry(ContentDigest(of: other), "amd64"), Manifests.entry(digest, "amd64"),
    ])
    rig.registry.put(twice, tag: "v1", type: ManifestDocument.ociIndex)
    #expect(try await rig.code() == .unsigned)
  }

  // MARK: Stores

  @Test(arguments: [
    (500, RejectionCode.lookasideError), (403, .lookasideError), (401, .lookasideError),
    (204, .lookasideError), (503, .lookasideError), (404, .unsigned),
  ])
  func aStoreThatFailsIsNotAnEmptyOne(_ status: Int, _ code: RejectionCode) async throws {
    let rig = try Self.rig()
    let digest = ContentDigest(of: try Fixture.manifest())
    rig.registry.on(rig.registry.storeURL(1, of: digest), status: status)
    #expect(try await rig.code() == code)
  }

  @Test(arguments: [
    (WebFailure.Kind.unreachable, RejectionCode.lookasideError), (.timeout, .lookasideError),
    (.cutShort, .lookasideError), (.tooLarge, .tooLarge), (.forbidden, .lookasideError),
  ])
  func aStoreThatDoesNotAnswerRejects(_ kind: WebFailure.Kind, _ code: RejectionCode) async throws {
    let rig = try Self.rig()
    rig.registry.fail(
      rig.registry.storeURL(1, of: ContentDigest(of: try Fixture.manifest())), kind)
    #expect(try await rig.code() == code)
  }

  @Test func anEndlessStoreIsLeft() async throws {
    let rig = try Self.rig()
    let digest = ContentDigest(of: try Fixture.manifest())
    rig.registry.putSignatures(Array(repeating: [1], count: 200), of: digest)
    #expect(try await rig.code() == .tooMany)
  }

  @Test(arguments: ["ftp://store.test/x", "file://relative", "store", "file:/x", "s3://b", ""])
  func anotherKindOfStoreIsAnError(_ url: String) async throws {
    var rig = try Self.rig()
    rig.configuration = "default-docker:\n  lookaside: \"\(url)\"\n"
    #expect(try await rig.code() == .lookasideError)
  }

  @Test func aStoreMayBeAFolder() async throws {
    var rig = try Self.rig()
    let digest = ContentDigest(of: try Fixture.manifest())
    let folder = try TemporaryFolder()
    try folder.write(
      "ns/app@sha256=\(digest.hex)/signature-1", try Fixture.signature("good"))
    rig.configuration = "docker:\n  registry.test/ns:\n    sigstore: file://\(folder.path)\n"
    #expect(try await rig.code() == nil)
    #expect(!rig.registry.asked.contains { $0.hasPrefix(FakeRegistry.store) })
  }

  // MARK: Registries that keep signatures

  private static func keeping(_ body: String, status: Int = 200) throws -> VerifierRig {
    let rig = try rig()
    rig.registry.on(
      "\(FakeRegistry.host)/v2/", status: 200, [], [("X-Registry-Supports-Signatures", "1")])
    let digest = ContentDigest(of: try Fixture.manifest())
    rig.registry.on(
      "\(FakeRegistry.host)/extensions/v2/ns/app/signatures/\(digest)", status: status,
      Array(body.utf8))
    return rig
  }

  private static func kept(_ name: String, type: String = "atomic") throws -> String {
    let content = StrictBase64.encode(try Fixture.signature(name))
    return #"{"schemaVersion":2,"name":"sha256:x@1","type":"\#(type)","content":"\#(content)"}"#
  }

  @Test func aRegistryMayKeepTheSignatures() async throws {
    let rig = try Self.keeping(
      #"{"signatures":[\#(try Self.kept("html")),\#(try Self.kept("good"))]}"#)
    #expect(try await rig.code() == nil)
    // The store is not asked then.
    #expect(!rig.registry.asked.contains { $0.hasPrefix(FakeRegistry.store) })
  }

  @Test func whatItKeepsIsJudgedLikeFiles() async throws {
    for (body, code) in [
      (#"{"signatures":[]}"#, RejectionCode.unsigned),
      (#"{"signatures":[\#(try Self.kept("good", type: "other"))]}"#, .unsigned),
      (#"{"signatures":[\#(try Self.kept("armored"))]}"#, .malformedSignature),
      (#"{"signatures":[\#(try Self.kept("cleartext"))]}"#, .malformedSignature),
      (#"{"signatures":[{"schemaVersion":2,"type":"atomic","content":"!"}]}"#, .registryError),
      ("{}", .registryError), ("<html>", .registryError),
    ] {
      #expect(try await Self.keeping(body).code() == code, "\(body)")
    }
    #expect(try await Self.keeping("{}", status: 500).code() == .registryError)
    #expect(try await Self.keeping("{}", status: 404).code() == .registryError)
  }
}
