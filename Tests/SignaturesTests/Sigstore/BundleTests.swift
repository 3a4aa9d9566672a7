import Crypto
import Foundation
import Testing
import Wire

@testable import Signatures

/// Bundles that refer to an image, as cosign 3 leaves them.
struct BundleTests {
  private let shop = SigstoreWorkshop()
  private static let manifest = Manifests.image()
  private static let digest = ContentDigest(of: manifest)

  private static func statement(
    _ digest: ContentDigest = digest, type: String = "https://in-toto.io/Statement/v1",
    predicate: String = "https://sigstore.dev/cosign/sign/v1", more: String = ""
  ) -> [UInt8] {
    Array(
      (#"{"_type":"\#(type)","subject":[{"digest":{"sha256":"\#(digest.hex)"}}],"#
        + #""predicateType":"\#(predicate)","predicate":{}\#(more)}"#).utf8)
  }

  private static let inToto = "application/vnd.in-toto+json"

  private func signedBytes(_ payload: [UInt8], _ type: String) -> [UInt8] {
    Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
  }

  private func bundle(
    _ payload: [UInt8]? = nil, type: String = inToto, by signer: P256.Signing.PrivateKey? = nil,
    signatures: Int = 1, entries: String = "", media: String = SigstoreBundle.mediaTypes[0],
    more: String = ""
  ) throws -> [UInt8] {
    let payload = payload ?? Self.statement()
    let made = StrictBase64.encode(try shop.signature(signedBytes(payload, type), by: signer))
    let list = Array(repeating: #"{"sig":"\#(made)","keyid":""}"#, count: signatures)
      .joined(separator: ",")
    return Array(
      (#"{"mediaType":"\#(media)","verificationMaterial":{"publicKey":{"hint":"x"},"tlogEntries":["#
        + #"\#(entries)]},"dsseEnvelope":{"payload":"\#(StrictBase64.encode(payload))","#
        + #""payloadType":"\#(type)","signatures":[\#(list)]}\#(more)}"#).utf8)
  }

  private func rig(
    _ bundle: [UInt8], requirements: String? = nil, subject: ContentDigest = digest
  ) throws -> VerifierRig {
    let rig = try VerifierRig(requirements ?? shop.requirement())
    rig.registry.put(Self.manifest, tag: "v1")
    let blob = rig.registry.putBlob(bundle)
    let media = SigstoreBundle.mediaTypes[0]
    let carrier = Manifests.image(
      layers: #"{"mediaType":"\#(media)","digest":"\#(blob)","size":\#(bundle.count)}"#,
      more:
        #","artifactType":"\#(media)","subject":{"mediaType":"\#(FakeRegistry.oci)","digest":"\#(subject)","size":1}"#
    )
    let digest = rig.registry.put(carrier)
    let entry =
      #"{"mediaType":"\#(FakeRegistry.oci)","digest":"\#(digest)","size":1,"artifactType":"\#(media)"}"#
    rig.registry.on(
      "\(FakeRegistry.host)/v2/ns/app/referrers/\(Self.digest)", status: 200,
      Manifests.index([entry]), [("Content-Type", ManifestDocument.ociIndex)])
    return rig
  }

  @Test func aGoodBundleIsAccepted() async throws {
    let image = try await rig(bundle()).verify()
    #expect(image.proofs.first?.identity == "")
    #expect(try await rig(bundle(media: SigstoreBundle.mediaTypes[1])).code() == nil)
  }

  @Test func aListUnderATagServesWhereTheAPIIsMissing() async throws {
    let rig = try rig(bundle())
    let api = "\(FakeRegistry.host)/v2/ns/app/referrers/\(Self.digest)"
    let list = try await rig.registry.send(
      WebRequest(
        api, reach: .anywhere, maximumBytes: 1 << 20, deadline: Deadline(after: .seconds(9))))
    rig.registry.on(api, status: 404)
    #expect(try await rig.code() == .unsigned)
    rig.registry.on(
      rig.registry.manifestURL("sha256-\(Self.digest.hex)"), status: 200, list.body,
      [("Content-Type", ManifestDocument.ociIndex)])
    #expect(try await rig.code() == nil)
  }

  @Test func allElseIsRefused() async throws {
    let rows: [(String, [UInt8], RejectionCode)] = [
      ("another key", try bundle(by: SigstoreWorkshop.other), .badSignature),
      ("two signatures", try bundle(signatures: 2), .multipleSignatures),
      ("no signature", try bundle(signatures: 0), .multipleSignatures),
      ("another image", try bundle(Self.statement(ContentDigest(of: [3]))), .digestMismatch),
      (
        "an attestation", try bundle(Self.statement(predicate: "https://slsa.dev/provenance/v1")),
        .payloadInvalid
      ),
      ("another statement", try bundle(Self.statement(type: "x")), .payloadInvalid),
      ("an unknown member", try bundle(Self.statement(more: #","x":1"#)), .payloadInvalid),
      ("another payload type", try bundle(type: "text/plain"), .payloadInvalid),
      (
        "an old version", try bundle(media: "application/vnd.dev.sigstore.bundle+json;version=0.1"),
        .malformedSignature
      ),
      ("an unknown member outside", try bundle(more: #","x":1"#), .malformedSignature),
      ("two kinds of content", try bundle(more: #","messageSignature":{}"#), .malformedSignature),
      ("no JSON", [0x7B], .malformedSignature),
    ]
    for (what, bundle, code) in rows {
      #expect(try await rig(bundle).code() == code, "\(what)")
    }
    #expect(try await rig(bundle(), subject: ContentDigest(of: [1])).code() == .malformedSignature)
  }

  @Test func aBundleSignsNoNameSoOnlySomeRulesTakeIt() async throws {
    #expect(
      try await rig(bundle(), requirements: shop.requirement(identity: nil)).code()
        == .identityMismatch)
    #expect(
      try await rig(bundle(), requirements: shop.requirement(identity: "matchExact")).code()
        == .identityMismatch)
  }

  // MARK: The log

  private func entry(
    _ body: [UInt8], promise: [UInt8]? = nil, proof: String? = nil, time: Int64 = 1_700_000_000
  ) throws -> String {
    let id = StrictBase64.encode(Array(SHA256.hash(data: shop.log.publicKey.derRepresentation)))
    let promised = promise.map {
      #","inclusionPromise":{"signedEntryTimestamp":"\#(StrictBase64.encode($0))"}"#
    }
    return
      #"{"logIndex":"7","logId":{"keyId":"\#(id)"},"kindVersion":{"kind":"dsse","version":"0.0.1"},"integratedTime":"\#(time)","canonicalizedBody":"\#(StrictBase64.encode(body))"\#(promised ?? "")\#(proof.map { ",\"inclusionProof\":\($0)" } ?? "")}"#
  }

  private func body(
    payload: [UInt8] = statement(), verifier: String? = nil, signature: [UInt8]
  ) -> [UInt8] {
    let pem = verifier ?? shop.key.publicKey.pemRepresentation
    return Array(
      (#"{"apiVersion":"0.0.1","kind":"dsse","spec":{"envelopeHash":{"algorithm":"sha256","value":"00"},"payloadHash":{"algorithm":"sha256","value":"\#(ContentDigest(of: payload).hex)"},"signatures":[{"signature":"\#(StrictBase64.encode(signature))","verifier":"\#(SigstoreWorkshop.data(pem))"}]}}"#)
        .utf8)
  }

  /// A bundle whose log entry is made for its own signature.
  private func logged(
    _ make: (_ signature: [UInt8]) throws -> String
  ) throws -> [UInt8] {
    let payload = Self.statement()
    let signature = try shop.signature(signedBytes(payload, Self.inToto))
    let text = String(decoding: try bundle(entries: try make(signature)), as: UTF8.self)
    let parts = text.split(separator: #""sig":""#, maxSplits: 1)
    let rest = parts[1].drop { $0 != "\"" }
    return Array("\(parts[0])\"sig\":\"\(StrictBase64.encode(signature))\(rest)".utf8)
  }

  private func verdict(_ bundle: [UInt8]) async throws -> RejectionCode? {
    try await rig(bundle, requirements: shop.requirement(needsLog: true)).code()
  }

  @Test func aPromiseOfTheLogIsChecked() async throws {
    #expect(try await verdict(bundle()) == .tlogInvalid)
    #expect(
      try await verdict(
        logged { signature in
          let body = body(signature: signature)
          return try entry(body, promise: shop.promise(body))
        }) == nil)
    #expect(
      try await verdict(
        logged { signature in
          let body = body(signature: signature)
          return try entry(body, promise: shop.promise(body, by: SigstoreWorkshop.other))
        }) == .tlogInvalid)
    #expect(
      try await verdict(
        logged { signature in
          let body = body(signature: signature)
          return try entry(body, promise: shop.promise(body), time: 1)
        }) == .tlogInvalid)
    for wrong in [
      body(payload: [1], signature: [1]), body(signature: [1]),
      Array(#"{"apiVersion":"0.0.1","kind":"dsse","spec":{}}"#.utf8),
    ] {
      #expect(
        try await verdict(logged { _ in try entry(wrong, promise: shop.promise(wrong)) })
          == .tlogInvalid)
    }
  }

  @Test func aProofOfInclusionIsChecked() async throws {
    for (leaves, index) in [(1, 0), (2, 1), (5, 3), (7, 6), (8, 0), (13, 12)] {
      for flaw in ProofFlaw.allCases {
        let text = try logged { signature in
          let body = body(signature: signature)
          return try entry(body, proof: try proof(body, leaves: leaves, at: index, flaw))
        }
        let expected: RejectionCode? = flaw == .none ? nil : .tlogInvalid
        #expect(try await verdict(text) == expected, "\(leaves) \(index) \(flaw)")
      }
    }
  }

  enum ProofFlaw: CaseIterable { case none, root, signer, size, path, longer, index }

  private func proof(
    _ body: [UInt8], leaves count: Int, at index: Int, _ flaw: ProofFlaw
  ) throws -> String {
    let leaves = (0..<count).map { $0 == index ? body : Array("leaf \($0)".utf8) }
    let tree = MerkleTree(leaves)
    var root = tree.root(0..<count)
    var path = tree.path(to: index, in: 0..<count)
    let size = flaw == .size ? count + 1 : count
    if flaw == .path { path = path.isEmpty ? [root] : path.dropLast() + [root] }
    if flaw == .longer { path.append(root) }
    if flaw == .root { root[0] ^= 1 }
    let note = "log.test - 1\n\(count)\n\(StrictBase64.encode(root))\n"
    let signer = flaw == .signer ? SigstoreWorkshop.other : shop.log
    let signature = StrictBase64.encode(
      [0, 0, 0, 0] + (try shop.signature(Array(note.utf8), by: signer)))
    let checkpoint = JSONText(string: "\(note)\n\u{2014} log.test \(signature)\n")
    let hashes = path.map { "\"\(StrictBase64.encode($0))\"" }.joined(separator: ",")
    let place = flaw == .index ? count : index
    return
      #"{"logIndex":"\#(place)","rootHash":"\#(StrictBase64.encode(root))","treeSize":"\#(size)","hashes":[\#(hashes)],"checkpoint":{"envelope":\#(checkpoint)}}"#
  }

  @Test(arguments: 0..<4)
  func mutatedBundlesAreReadOrRefused(_ seed: Int) throws {
    var mutations = Mutations(seed: UInt64(seed + 1))
    let original = try logged { signature in
      let body = body(signature: signature)
      return try entry(
        body, promise: shop.promise(body), proof: proof(body, leaves: 3, at: 1, .none))
    }
    let keys = [SigstoreKey.p256(shop.key.publicKey)]
    let whole = try SigstoreBundle(original)
    for _ in 0..<500 {
      guard let bundle = try? SigstoreBundle(mutations.mutate(original)) else { continue }
      let isSigned = keys[0].isValid(
        bundle.envelope.signatures[0], for: bundle.envelope.signedBytes)
      #expect(!isSigned || bundle.envelope.payload == whole.envelope.payload)
    }
  }
}

/// A tree as RFC 6962 defines it, made the slow way.
private struct MerkleTree {
  let leaves: [[UInt8]]

  init(_ leaves: [[UInt8]]) { self.leaves = leaves }

  func root(_ range: Range<Int>) -> [UInt8] {
    if range.count == 1 { return Array(SHA256.hash(data: [0] + leaves[range.lowerBound])) }
    let middle = range.lowerBound + split(range.count)
    return Array(
      SHA256.hash(
        data: [1] + root(range.lowerBound..<middle) + root(middle..<range.upperBound)))
  }

  func path(to index: Int, in range: Range<Int>) -> [[UInt8]] {
    if range.count == 1 { return [] }
    let middle = range.lowerBound + split(range.count)
    return index < middle
      ? path(to: index, in: range.lowerBound..<middle) + [root(middle..<range.upperBound)]
      : path(to: index, in: middle..<range.upperBound) + [root(range.lowerBound..<middle)]
  }

  private func split(_ count: Int) -> Int {
    var half = 1
    while half * 2 < count { half *= 2 }
    return half
  }
}
