import Testing
import Wire

@testable import Signatures

struct SignedIdentityTests {
  private static let d = "sha256:" + String(repeating: "a", count: 64)
  private static let e = "sha256:" + String(repeating: "b", count: 64)

  struct Case: Sendable {
    let rule: SignedIdentity
    let image: String
    let accepted: [String]
    let refused: [String]
  }

  private static func reference(_ text: String) -> ImageReference {
    guard let reference = try? ImageReference(text) else { preconditionFailure(text) }
    return reference
  }

  private static let cases = [
    Case(
      rule: .matchExact, image: "r.io/a:1", accepted: ["r.io/a:1"],
      refused: ["r.io/a", "r.io/a:2", "r.io/a@\(d)", "r.io/b:1", "r.io:80/a:1", "A:1", ""]),
    Case(
      rule: .matchExact, image: "r.io/a@\(d)", accepted: ["r.io/a@\(d)"],
      refused: ["r.io/a:1", "r.io/a@\(e)", "r.io/a"]),
    Case(
      rule: .matchRepoDigestOrExact, image: "r.io/a:1", accepted: ["r.io/a:1"],
      refused: ["r.io/a:2", "r.io/a", "r.io/a@\(d)", "r.io/a:1@\(d)", "r.io/a:1 "]),
    Case(
      rule: .matchRepoDigestOrExact, image: "r.io/a@\(d)",
      accepted: ["r.io/a:1", "r.io/a:other", "r.io/a@\(e)"], refused: ["r.io/a", "r.io/b:1"]),
    Case(
      rule: .matchRepoDigestOrExact, image: "r.io/a:1@\(d)", accepted: ["r.io/a:1"],
      refused: ["r.io/a:2", "r.io/a@\(d)", "r.io/a"]),
    Case(
      rule: .matchRepoDigestOrExact, image: "busybox:1",
      accepted: ["docker.io/library/busybox:1", "busybox:1", "index.docker.io/library/busybox:1"],
      refused: ["registry-1.docker.io/library/busybox:1", "library/busybox"]),
    Case(
      rule: .matchRepository, image: "r.io/a:1",
      accepted: ["r.io/a", "r.io/a:2", "r.io/a@\(d)"], refused: ["r.io/b", "r.io/a/b", "r.io:80/a"]),
    Case(
      rule: .exactReference(reference("r.io/x:9")), image: "q.io/a:1", accepted: ["r.io/x:9"],
      refused: ["r.io/x", "q.io/a:1", "r.io/x:8"]),
    Case(
      rule: .exactRepository(reference("r.io/x")), image: "q.io/a:1",
      accepted: ["r.io/x", "r.io/x:9"], refused: ["q.io/a:1", "r.io/x/y"]),
    Case(
      rule: .remapIdentity(prefix: "mirror.io/ns", signedPrefix: "r.io"), image: "mirror.io/ns/a:1",
      accepted: ["r.io/a:1"], refused: ["mirror.io/ns/a:1", "r.io/ns/a:1", "r.io/a"]),
    Case(
      rule: .remapIdentity(prefix: "mirror.io/ns", signedPrefix: "r.io"),
      image: "mirror.io/ns2/a:1",
      accepted: ["mirror.io/ns2/a:1"], refused: ["r.io2/a:1"]),
    Case(
      rule: .remapIdentity(prefix: "mirror.io", signedPrefix: "r.io"), image: "mirror.io:80/a:1",
      accepted: ["mirror.io:80/a:1"], refused: ["r.io:80/a:1", "r.io/a:1"]),
    Case(
      rule: .remapIdentity(prefix: "mirror.io/ns/a", signedPrefix: "r.io/b"),
      image: "mirror.io/ns/a@\(d)", accepted: ["r.io/b:1"], refused: ["mirror.io/ns/a:1"]),
    // The result must be a full name as it stands: nothing becomes one of Docker Hub.
    Case(
      rule: .remapIdentity(prefix: "r.io", signedPrefix: "docker.io"), image: "r.io/a:1",
      accepted: [], refused: ["docker.io/library/a:1", "a:1", "r.io/a:1"]),
  ]

  @Test(arguments: cases)
  func acceptsTheNamesOfTheTable(_ row: Case) throws {
    let image = try ImageReference(row.image)
    for name in row.accepted { #expect(row.rule.accepts(name, for: image), "\(name)") }
    for name in row.refused { #expect(!row.rule.accepts(name, for: image), "\(name)") }
  }

  @Test func onlyRulesWithoutATagAcceptASignatureWithoutAName() throws {
    let image = try ImageReference("r.io/a:1")
    #expect(SignedIdentity.matchRepository.acceptsUnnamed(for: image))
    #expect(SignedIdentity.exactRepository(try ImageReference("r.io/a")).acceptsUnnamed(for: image))
    for rule in [
      .matchExact, .matchRepoDigestOrExact, .exactReference(try ImageReference("r.io/a:1")),
      .exactRepository(try ImageReference("r.io/b")),
      .remapIdentity(prefix: "r.io", signedPrefix: "s.io"),
    ] as [SignedIdentity] {
      #expect(!rule.acceptsUnnamed(for: image), "\(rule.type)")
    }
  }
}
