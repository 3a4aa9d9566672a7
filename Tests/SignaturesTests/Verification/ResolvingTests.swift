import Synchronization
import Testing
import Wire

@testable import Signatures

/// What a reference means, asked of registries that answer well, badly and wickedly.
struct ResolvingTests {
  private static let accepting = #"[{"type":"insecureAcceptAnything"}]"#

  @Test func aTagIsAskedForOnceAndTheBytesDecide() async throws {
    let rig = try VerifierRig(Self.accepting)
    let manifest = Manifests.image()
    let url = rig.registry.manifestURL("v1")
    rig.registry.on(
      url, status: 200, manifest,
      [
        ("Content-Type", FakeRegistry.oci),
        ("Docker-Content-Digest", "sha256:" + String(repeating: "e", count: 64)),
      ])
    let image = try await rig.verify()
    #expect(image.topDigest == ContentDigest(of: manifest))
    #expect(image.configDigest.description == Manifests.config)
    #expect(rig.registry.asked.filter { $0 == url }.count == 1)
    #expect(image.proofs == [] && image.warnings.count == 1)
    let pinned = try image.pinned
    #expect(pinned.description == "registry.test/ns/app@\(image.topDigest)")
    #expect(image.isRun(asID: Manifests.config) && !image.isRun(asID: "sha256:other"))
  }

  @Test(arguments: [
    (404, RejectionCode.imageNotFound), (401, .registryAuth), (403, .registryAuth),
    (500, .registryError), (302, .registryError), (204, .registryError), (400, .registryError),
  ])
  func anAnswerThatIsNoManifestIsTold(_ status: Int, _ code: RejectionCode) async throws {
    let rig = try VerifierRig(Self.accepting)
    rig.registry.on(rig.registry.manifestURL("v1"), status: status)
    #expect(try await rig.code() == code)
  }

  @Test(arguments: [
    (WebFailure.Kind.unreachable, RejectionCode.registryUnreachable), (.timeout, .timeout),
    (.tooLarge, .tooLarge), (.cutShort, .registryError), (.forbidden, .registryError),
  ])
  func aRegistryThatFailsRejects(_ kind: WebFailure.Kind, _ code: RejectionCode) async throws {
    let rig = try VerifierRig(Self.accepting)
    rig.registry.fail(rig.registry.manifestURL("v1"), kind)
    #expect(try await rig.code() == code)
    rig.registry.fail("\(FakeRegistry.host)/v2/", kind)
    #expect(try await rig.code() == code)
  }

  @Test func bytesOfAnotherDigestAreRefusedBeforeAnySignatureIsAskedFor() async throws {
    let rig = try VerifierRig()
    let digest = "sha256:" + String(repeating: "a", count: 64)
    rig.registry.on(
      rig.registry.manifestURL(digest), status: 200, Manifests.image(),
      [("Content-Type", FakeRegistry.oci)])
    #expect(try await rig.code("registry.test/ns/app@\(digest)") == .manifestMismatch)
    #expect(!rig.registry.asked.contains { $0.hasPrefix(FakeRegistry.store) })
  }

  @Test func theManifestOfAPlatformIsHashedToo() async throws {
    let rig = try VerifierRig(Self.accepting)
    let manifest = Manifests.image()
    let digest = ContentDigest(of: manifest)
    rig.registry.put(
      Manifests.index([Manifests.entry(digest, "amd64")]), tag: "v1",
      type: ManifestDocument.ociIndex)
    rig.registry.on(
      rig.registry.manifestURL(digest.description), status: 200, manifest + [0x20],
      [("Content-Type", FakeRegistry.oci)])
    #expect(try await rig.code() == .manifestMismatch)
  }

  @Test(arguments: [
    ("", RejectionCode.registryError), ("<html>", .registryError), ("{}", .registryError),
    (#"{"schemaVersion":1,"fsLayers":[]}"#, .registryError),
    (String(decoding: Manifests.image(more: #","manifests":[]"#), as: UTF8.self), .registryError),
    (String(decoding: Manifests.index([], more: #","layers":[]"#), as: UTF8.self), .registryError),
    (String(decoding: Manifests.image(more: #","config":{}"#), as: UTF8.self), .registryError),
    (String(decoding: Manifests.image(config: "sha256:1"), as: UTF8.self), .registryError),
    (
      String(decoding: Manifests.image(type: ManifestDocument.dockerList), as: UTF8.self),
      .registryError
    ),
    (String(decoding: Manifests.index([]), as: UTF8.self), .platformMissing),
    (
      String(
        decoding: Manifests.index([Manifests.entry(ContentDigest(of: [1]), "arm64")]), as: UTF8.self
      ), .platformMissing
    ),
    (
      String(
        decoding: Manifests.index([
          Manifests.entry(ContentDigest(of: [1]), "amd64", system: "windows")
        ]), as: UTF8.self), .platformMissing
    ),
    (
      String(
        decoding: Manifests.index([
          Manifests.entry(ContentDigest(of: [1]), "unknown", system: "unknown")
        ]), as: UTF8.self), .platformMissing
    ),
    (
      String(
        decoding: Manifests.index([Manifests.entry(ContentDigest(of: [1]), "amd64")]), as: UTF8.self
      ), .imageNotFound
    ),
  ])
  func whatCanBeReadInTwoWaysIsRefused(_ text: String, _ code: RejectionCode) async throws {
    let rig = try VerifierRig(Self.accepting)
    let bytes = Array(text.utf8)
    rig.registry.on(rig.registry.manifestURL("v1"), status: 200, bytes)
    #expect(try await rig.code() == code)
  }

  @Test func registryAndDocumentMustAgreeOnTheKind() async throws {
    let rig = try VerifierRig(Self.accepting)
    rig.registry.put(Manifests.image(), tag: "v1", type: ManifestDocument.dockerManifest)
    #expect(try await rig.code() == .registryError)
    rig.registry.put(Manifests.image(), tag: "v1", type: "text/plain; charset=utf-8")
    #expect(try await rig.code() == nil)
    rig.registry.put(Manifests.image(type: nil), tag: "v1", type: ManifestDocument.dockerManifest)
    #expect(try await rig.code() == nil)
    rig.registry.put(Manifests.image(type: nil), tag: "v1", type: "application/json")
    #expect(try await rig.code() == .registryError)
  }

  @Test(arguments: 0..<4)
  func mutatedManifestsAreReadTheSameOrRefused(_ seed: Int) {
    var mutations = Mutations(seed: UInt64(seed + 1))
    let originals = [
      Manifests.image(layers: Manifests.entry(ContentDigest(of: [1]), "amd64")),
      Manifests.index([Manifests.entry(ContentDigest(of: [1]), "amd64")]),
    ]
    for round in 0..<600 {
      let bytes = mutations.mutate(originals[round % 2])
      guard let document = try? ManifestDocument(bytes, contentType: nil) else { continue }
      #expect(document.digest == ContentDigest(of: bytes))
    }
  }

  // MARK: Policies

  @Test func aRejectedImageIsNotAskedForAtAll() async throws {
    let rig = try VerifierRig()
    #expect(try await rig.code("elsewhere.test/a:1") == .policyReject)
    #expect(rig.registry.asked == [])
  }

  @Test func withoutAPolicyOnlyDockersImagesHaveARule() async throws {
    var rig = try VerifierRig()
    rig.policy = .builtInOnly
    let verifier = try rig.verifier()
    let rejection = await #expect(throws: Rejection.self) {
      try await verifier.verify(Fixture.image())
    }
    #expect(rejection?.code == .policyMissing)
    // The message shows what to write.
    #expect(
      rejection?.description.contains(#""registry.test/ns/app": [{"type":"signedBy""#) == true)
    #expect(rejection?.description.hasSuffix(" reason=policy-missing") == true)
    for name in [
      "mcp/time", "docker.io/mcp/time", "index.docker.io/mcp/time", "registry-1.docker.io/mcp/time",
    ] {
      let explanation = verifier.explanation(of: try ImageReference(name))
      #expect(explanation.contains("built-in rule"), "\(name)")
    }
    for name in ["mcpx/time", "docker.io/x/mcp/time", "ghcr.io/mcp/time", "library/mcp"] {
      #expect(try await rig.code(name) == .policyMissing, "\(name)")
    }
  }

  @Test func aScopeOfThePolicyReplacesTheBuiltInRule() throws {
    let text =
      #"{"default":[{"type":"reject"}],"transports":{"docker":{"docker.io/mcp/own":[{"type":"reject"}]}}}"#
    let policy = PolicyChoice.named(try TrustPolicy(Array(text.utf8), source: "p", folder: "/"))
    #expect(try policy.requirements(for: ImageReference("mcp/own:1")).requirements == [.reject])
    #expect(try policy.requirements(for: ImageReference("mcp/other:1")).place.contains("built-in"))
    #expect(try policy.requirements(for: ImageReference("alpine:1")).requirements == [.reject])
  }

  @Test func theMachinesPolicyMustProveSomething() async throws {
    let rig = try VerifierRig(Self.accepting, isSystem: true)
    rig.registry.put(Manifests.image(), tag: "v1")
    #expect(try await rig.code() == .policyReject)
  }

  @Test(arguments: [
    (
      #"[{"type":"signedBaseLayer","baseLayerIdentity":{"type":"matchExact"}}]"#,
      RejectionCode.unsupported
    ),
    (#"[{"type":"signedBy","keyType":"X509Certificates","keyPath":"trusted.gpg"}]"#, .unsupported),
    (#"[{"type":"insecureAcceptAnything"},{"type":"reject"}]"#, .policyReject),
  ])
  func whatIsNotBuiltRejects(_ requirements: String, _ code: RejectionCode) async throws {
    let rig = try VerifierRig(requirements)
    rig.registry.put(Manifests.image(), tag: "v1")
    #expect(try await rig.code() == code)
  }

  @Test func exactContentIsVerifiedOnceAndATagEachTime() async throws {
    let rig = try VerifierRig(Self.accepting)
    let digest = rig.registry.put(Manifests.image(), tag: "v1")
    let verifier = try rig.verifier()
    for _ in 0..<2 {
      _ = try await verifier.verify(Fixture.image("registry.test/ns/app@\(digest)"))
    }
    #expect(rig.registry.asked.count == 2)
    for _ in 0..<2 { _ = try await verifier.verify(Fixture.image()) }
    #expect(rig.registry.asked.filter { $0.hasSuffix("/v1") }.count == 2)
  }

  @Test func manyAreVerifiedInTheOrderInWhichTheyWereGiven() async throws {
    let rig = try VerifierRig(Self.accepting)
    for number in 0..<20 where number != 7 {
      let config =
        "sha256:" + String(repeating: "0", count: 62) + (number < 10 ? "0\(number)" : "\(number)")
      rig.registry.put(Manifests.image(config: config), tag: "t\(number)")
    }
    let references = try (0..<20).map { try ImageReference("registry.test/ns/app:t\($0)") }
    let outcomes = try await rig.verifier().verifyAll(references)
    for (number, outcome) in outcomes.enumerated() {
      switch outcome {
      case .success(let image): #expect(image.configDigest.description.hasSuffix("\(number)"))
      case .failure(let rejection):
        #expect(number == 7 && rejection.code == .imageNotFound)
      }
    }
  }

  @Test(arguments: [1_000, 1_001, 100_000])
  func annotationsAreReadOnceAndNotWithoutEnd(count: Int) throws {
    let members = (0..<count).map { "\"k\($0)\":\"v\"" }.joined(separator: ",")
    let object = try StrictObject(
      JSONText(validating: "{\(members)}"), at: "annotations", others: true)
    if count > 1_000 {
      #expect(throws: FormFlaw.self) { try object.allStrings() }
    } else {
      #expect(try object.allStrings().count == count)
    }
  }
}
