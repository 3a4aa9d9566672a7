import Testing
import Wire

@testable import Signatures

struct TrustPolicyTests {
  private static func read(_ text: String) throws(Problem) -> TrustPolicy {
    try TrustPolicy(Array(text.utf8), source: "policy.json", folder: "/policy")
  }

  private static let sigstore = #"{"type":"sigstoreSigned","keyPath":"k"}"#

  @Test(arguments: [
    #"{"default":[{"type":"reject"}]}"#,
    #" {"default" : [ {"type":"insecureAcceptAnything"} ], "transports":{}} "#,
    #"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"k"}]}"#,
    #"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"","keyData":"AAAA"}]}"#,
    #"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPaths":["a","b"]}]}"#,
    #"{"default":[{"type":"signedBy","keyType":"X509Certificates","keyPath":"k"}]}"#,
    #"{"default":[{"type":"signedBaseLayer","baseLayerIdentity":{"type":"matchRepository"}}]}"#,
    #"{"default":[{"type":"sigstoreSigned","keyDatas":["AAAA"],"rekorPublicKeyPath":"r"}]}"#,
    #"{"default":[{"type":"sigstoreSigned","fulcio":{"caPath":"a","oidcIssuer":"i","subjectEmail":"e"},"rekorPublicKeyDatas":["AAAA"]}]}"#,
    #"{"default":[{"type":"sigstoreSigned","pki":{"caRootsPath":"a","subjectHostname":"h"}}]}"#,
    #"{"default":[\#(sigstore)],"transports":{"docker-daemon":{"":[{"type":"reject"}]},"x":{"?":[\#(sigstore)]}}}"#,
  ])
  func aWellFormedPolicyIsRead(_ text: String) throws {
    _ = try Self.read(text)
  }

  @Test(arguments: [
    "", "null", "[]", "{}", #"{"default":[]}"#, #"{"default":null}"#, #"{"default":{}}"#,
    "\u{FEFF}" + #"{"default":[{"type":"reject"}]}"#,
    #"{"default":[{"type":"reject"}]} x"#, #"{"default":[{"type":"reject"}],}"#,
    #"{"default":[{"type":"reject"}],"default":[{"type":"reject"}]}"#,
    #"{"default":[{"type":"reject"}],"def\u0061ult":[{"type":"reject"}]}"#,
    #"{"Default":[{"type":"reject"}]}"#, #"{"default":[{"type":"reject"}],"more":1}"#,
    #"{"default":[{"type":"reject","x":1}]}"#, #"{"default":[{"Type":"reject"}]}"#,
    #"{"default":[{"type":"Reject"}]}"#, #"{"default":[{"type":1}]}"#, #"{"default":["reject"]}"#,
    #"{"default":[{"type":"reject"}],"transports":[]}"#,
    #"{"default":[{"type":"reject"}],"transports":null}"#,
    #"{"default":[{"type":"reject"}],"transports":{"docker":{"a":[]}}}"#,
    #"{"default":[{"type":"reject"}],"transports":{"oci":{"a":[{"type":"no"}]}}}"#,
    #"{"default":[{"type":"reject"}],"transports":{"docker":{"a":{}}}}"#,
    #"{"default":[{"type":"signedBy","keyPath":"k"}]}"#,
    #"{"default":[{"type":"signedBy","keyType":"gpgkeys","keyPath":"k"}]}"#,
    #"{"default":[{"type":"signedBy","keyType":"GPGKeys"}]}"#,
    #"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":""}]}"#,
    #"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPaths":[]}]}"#,
    #"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPaths":[""]}]}"#,
    #"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPaths":[1]}]}"#,
    #"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"a","keyPaths":["b"]}]}"#,
    #"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"a","keyData":"AAAA"}]}"#,
    #"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyData":"AAA"}]}"#,
    #"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyData":"AA AA"}]}"#,
    #"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyData":"AAB="}]}"#,
    #"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":null}]}"#,
    #"{"default":[{"type":"sigstoreSigned"}]}"#,
    #"{"default":[{"type":"sigstoreSigned","keyDatas":[]}]}"#,
    #"{"default":[{"type":"sigstoreSigned","keyPath":"k","keyType":"GPGKeys"}]}"#,
    #"{"default":[{"type":"sigstoreSigned","keyPath":"k","keyDatas":["AAAA"]}]}"#,
    #"{"default":[{"type":"sigstoreSigned","keyPath":"k","rekorPublicKeyPath":"a","rekorPublicKeyData":"AAAA"}]}"#,
    #"{"default":[{"type":"sigstoreSigned","fulcio":{"caPath":"a","oidcIssuer":"i","subjectEmail":"e"}}]}"#,
    #"{"default":[{"type":"sigstoreSigned","fulcio":{"caPath":"a","oidcIssuer":"i"},"rekorPublicKeyPath":"r"}]}"#,
    #"{"default":[{"type":"sigstoreSigned","fulcio":{"caPath":"a","oidcIssuer":"","subjectEmail":"e"},"rekorPublicKeyPath":"r"}]}"#,
    #"{"default":[{"type":"sigstoreSigned","pki":{"caRootsPath":"a"}}]}"#,
    #"{"default":[{"type":"sigstoreSigned","pki":{"caRootsPath":"a","subjectEmail":"e"},"rekorPublicKeyPath":"r"}]}"#,
    #"{"default":[{"type":"signedBaseLayer"}]}"#,
    identity(#"{"type":"matchexact"}"#), identity(#"{}"#), identity("null"),
    identity(#"{"type":"matchExact","x":1}"#), identity(#"{"type":"exactReference"}"#),
    identity(#"{"type":"exactReference","dockerReference":"a"}"#),
    identity(#"{"type":"exactReference","dockerReference":"A:1"}"#),
    identity(#"{"type":"exactRepository","dockerReference":"a"}"#),
    identity(#"{"type":"remapIdentity","prefix":"a.b"}"#),
    identity(#"{"type":"remapIdentity","prefix":"","signedPrefix":"a.b"}"#),
    identity(#"{"type":"remapIdentity","prefix":"a.b/c:1","signedPrefix":"a.b"}"#),
    identity(#"{"type":"remapIdentity","prefix":"busybox","signedPrefix":"a.b"}"#),
    identity(#"{"type":"remapIdentity","prefix":"a.b/","signedPrefix":"a.b"}"#),
  ])
  func oneFlawRefusesTheWholePolicy(_ text: String) {
    #expect(throws: Problem.self) { try Self.read(text) }
  }

  private static func identity(_ text: String) -> String {
    #"{"default":[{"type":"sigstoreSigned","keyPath":"k","signedIdentity":\#(text)}]}"#
  }

  @Test func aFlawIsShownWhereItIs() {
    let problem = #expect(throws: Problem.self) {
      try Self.read("{\n  \"default\": [\n    {\"type\": \"rejekt\"}\n  ]\n}")
    }
    #expect(problem?.description.hasPrefix("policy.json:3:5: error: default[0]") == true)
  }

  @Test func pathsOfKeysAreRelativeToThePolicy() throws {
    let policy = try Self.read(
      #"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPaths":["a/b","/c"]}]}"#)
    guard case .signedBy(let requirement) = policy.fallback.first else {
      Issue.record("no signedBy")
      return
    }
    #expect(requirement.keys == [.file("/policy/a/b"), .file("/c")])
    #expect(requirement.identity == .matchRepoDigestOrExact)
  }

  // MARK: Choosing

  private static let digest = "sha256:" + String(repeating: "a", count: 64)

  @Test(arguments: [
    (
      "a.b.c:5000/ns/app:v1",
      ["a.b.c:5000/ns/app:v1", "a.b.c:5000/ns/app", "a.b.c:5000/ns", "a.b.c:5000", "*.b.c", "*.c"]
    ),
    (
      "busybox",
      [
        "docker.io/library/busybox:latest", "docker.io/library/busybox", "docker.io/library",
        "docker.io", "*.io",
      ]
    ),
    (
      "localhost:5000/x:y@" + digest,
      ["localhost:5000/x@" + digest, "localhost:5000/x:y", "localhost:5000/x", "localhost:5000"]
    ),
    ("[::1]:5000/a:b", ["[::1]:5000/a:b", "[::1]:5000/a", "[::1]:5000"]),
  ])
  func scopesGoFromTheReferenceToTheWildcards(_ text: String, _ scopes: [String]) throws {
    #expect(TrustPolicy.scopes(of: try ImageReference(text).withDefaultTag) == scopes)
  }

  @Test(arguments: [
    ("a.b/c/d:1", #"transports.docker["a.b/c/d:1"]"#),
    ("a.b/c/d:2", #"transports.docker["a.b/c"]"#),
    ("a.b/cc:1", #"transports.docker["*.b"]"#), ("a.b/x@" + digest, #"transports.docker["*.b"]"#),
    ("x.y.b/q:1", #"transports.docker["*.b"]"#), ("b/q:1", #"transports.docker[""]"#),
    ("docker.io/library/busybox:1", #"transports.docker[""]"#),
  ])
  func theMostSpecificScopeCountsAlone(_ text: String, _ place: String) throws {
    let one = #"[{"type":"reject"}]"#
    let policy = try Self.read(
      #"""
      {"default":\#(one),"transports":{"docker":{"a.b/c/d:1":\#(one),"a.b/c":\#(one),"*.b":\#(one),
      "busybox":\#(one),"":\#(one)},"atomic":{"a.b/c/d:2":\#(one)}}}
      """#)
    #expect(policy.choice(for: try ImageReference(text)).place == place)
  }

  @Test func withoutAScopeTheDefaultCounts() throws {
    let policy = try Self.read(#"{"default":[{"type":"reject"}]}"#)
    let choice = policy.choice(for: try ImageReference("a.b/c:1"))
    #expect(choice.place == "default" && !choice.isOwn && choice.requirements == [.reject])
  }

  // MARK: Mutations

  @Test(arguments: 0..<8)
  func noMutationIsReadAsAnythingButAPolicy(_ seed: Int) {
    let seeds = [
      #"{"default":[{"type":"reject"}],"transports":{"docker":{"a.b":[{"type":"signedBy","keyType":"GPGKeys","keyPaths":["a"],"signedIdentity":{"type":"remapIdentity","prefix":"a.b","signedPrefix":"c.d/e"}}]}}}"#,
      #"{"default":[{"type":"sigstoreSigned","fulcio":{"caData":"AAAA","oidcIssuer":"i","subjectEmail":"e"},"rekorPublicKeyDatas":["AAAA"]}]}"#,
    ]
    var mutations = Mutations(seed: UInt64(seed + 1))
    for round in 0..<500 {
      let bytes = mutations.mutate(Array(seeds[round % seeds.count].utf8))
      guard let policy = try? TrustPolicy(bytes, source: "m", folder: "/") else { continue }
      // What is read still demands something of everybody.
      #expect(!policy.fallback.isEmpty && policy.scopes.values.allSatisfy { !$0.isEmpty })
    }
  }
}
