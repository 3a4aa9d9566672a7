import Testing
import Wire

@testable import Signatures

struct RegistriesConfigurationTests {
  private static func read(_ files: String...) throws(Problem) -> RegistriesConfiguration {
    var configuration = RegistriesConfiguration(standardLookaside: "file:///standard")
    for (index, file) in files.enumerated() {
      try configuration.add(Array(file.utf8), source: "\(index).yaml")
    }
    return configuration
  }

  @Test(arguments: [
    ("r.test/ns/app:1", "https://exact"), ("r.test/ns/app:2", "https://name"),
    ("r.test/ns/b:1", "https://ns"), ("r.test/x:1", "https://host"),
    ("a.r.test/x:1", "https://wild"),
    ("s.test/x:1", "https://fallback"),
  ])
  func theMostSpecificSectionCounts(_ image: String, _ store: String) throws {
    let configuration = try Self.read(
      """
      default-docker: {lookaside: https://fallback}
      docker:
        r.test/ns/app:1: {lookaside: https://exact}
        r.test/ns/app: {sigstore: https://name, lookaside-staging: file:///w}
      """,
      """
      docker:
        r.test/ns: {sigstore: https://old, lookaside: https://ns}
        r.test: {lookaside: https://host, use-sigstore-attachments: true}
        "*.r.test": {lookaside: https://wild}
      """)
    #expect(configuration.lookaside(for: try ImageReference(image)) == store)
  }

  @Test func aSectionWithoutTheOptionDoesNotEndTheSearch() throws {
    let configuration = try Self.read(
      """
      docker:
        r.test/ns/app: {lookaside: https://name}
        r.test: {use-sigstore-attachments: false}
      """)
    let image = try ImageReference("r.test/ns/app:1")
    #expect(configuration.usesAttachments(for: image) == false)
    #expect(configuration.usesAttachments(for: try ImageReference("s.test/a:1")) == nil)
    #expect(configuration.lookaside(for: try ImageReference("s.test/a:1")) == "file:///standard")
  }

  @Test(arguments: [
    ["default-docker: {lookaside: a}", "default-docker: {lookaside: a}"],
    ["docker: {a: {lookaside: b}}", "docker: {a: {lookaside: b}}"],
    ["docker: {a: {lookaside: b}, a: {lookaside: c}}"], ["docker: [a]"], ["- a"],
    ["docker: {a: 1}"],
    ["docker: {a: {use-sigstore-attachments: yes}}"], ["docker: {a: {lookaside: [x]}}"],
    ["docker: &a {b: {lookaside: c}}"], ["\tdocker: {}"], ["docker: {a: {lookaside: !x y}}"],
  ])
  func contradictionsAndFlawsAreErrors(_ files: [String]) {
    #expect(throws: Problem.self) {
      var configuration = RegistriesConfiguration(standardLookaside: "file:///standard")
      for (index, file) in files.enumerated() {
        try configuration.add(Array(file.utf8), source: "\(index).yaml")
      }
    }
  }

  @Test func unknownKeysAreWarnedOf() throws {
    let configuration = try Self.read("docker: {a: {lookasid: b}}\nmore: 1")
    #expect(configuration.warnings.count == 2)
  }

  @Test func onlyFilesOfTheRightNameAreRead() throws {
    let folder = try TemporaryFolder()
    try folder.write("a.yaml", Array("default-docker: {lookaside: https://a}".utf8))
    try folder.write("b.yml", Array("not: [read".utf8))
    try folder.write("c.yaml.bak", Array("not: [read".utf8))
    let configuration = try RegistriesConfiguration(
      folder: folder.path, standardLookaside: "file:///standard")
    #expect(configuration.lookaside(for: try ImageReference("a.b/c:1")) == "https://a")
    let none = try RegistriesConfiguration(
      folder: folder.path + "/none", standardLookaside: "file:///standard")
    #expect(none.lookaside(for: try ImageReference("a.b/c:1")) == "file:///standard")
  }
}

extension RegistriesConfigurationTests {
  @Test(arguments: 0..<4)
  func mutatedFilesAreReadOrRefused(_ seed: Int) {
    var mutations = Mutations(seed: UInt64(seed + 1))
    let original = Array(
      """
      default-docker: {lookaside: https://a.test/x}
      docker:
        r.test/ns: {sigstore: file:///b, use-sigstore-attachments: true}
        "*.r.test": {lookaside: https://c.test}
      """.utf8)
    for _ in 0..<400 {
      var configuration = RegistriesConfiguration(standardLookaside: "file:///standard")
      do { try configuration.add(mutations.mutate(original), source: "m.yaml") } catch {
        #expect(error.source == "m.yaml" && error.severity == .error)
      }
    }
  }
}
