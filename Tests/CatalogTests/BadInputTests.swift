import Testing
import Wire

@testable import Catalog

/// Whatever a file holds, there is an answer and every error has its place.
struct BadInputTests {
  typealias Read = @Sendable ([UInt8]) -> [Problem]

  struct FileKind: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var text: String
    var read: Read
  }

  static let kinds: [FileKind] = [
    FileKind(testDescription: "catalog", text: WorkedExample.catalog) { bytes in
      let (catalog, problems) = CatalogDocument.decode(bytes, from: .localFile(path: "f"))
      return problems + catalog.unusable.flatMap(\.problems)
    },
    FileKind(testDescription: "fetched catalog", text: WorkedExample.catalog) { bytes in
      let (catalog, problems) = CatalogDocument.decode(bytes, from: .fetched(url: "f"))
      return problems + catalog.unusable.flatMap(\.problems)
    },
    FileKind(testDescription: "registry", text: WorkedExample.registry) {
      RegistryFile.decode($0, source: "f").problems
    },
    FileKind(testDescription: "config", text: WorkedExample.config) {
      ConfigFile.decode($0, source: "f").problems
    },
    FileKind(testDescription: "tools", text: WorkedExample.tools) {
      ToolsFile.decode($0, source: "f").problems
    },
    FileKind(testDescription: "catalog.json", text: #"{"catalogs": {"a": {"url": "u"}}}"#) {
      CatalogIndex.decode($0, source: "f").problems
    },
    FileKind(testDescription: "secrets", text: WorkedExample.secrets) {
      SecretFile.decode($0, source: "f").problems
    },
    FileKind(
      testDescription: "label", text: "name: a\ncommand: [b, '{{a.c|first}}']\nenv: [{name: A}]"
    ) {
      bytes in
      guard let image = ImageArgument("docker.io/a/b") else { return [] }
      return labelProblems(bytes, image)
    },
  ]

  private static func labelProblems(_ bytes: [UInt8], _ image: ImageArgument) -> [Problem] {
    do throws(ImageLabelRefusal) {
      return try ImageLabel.decode(bytes, of: image).warnings
    } catch {
      return error.problems
    }
  }

  @Test(arguments: kinds)
  func truncatedFilesAreAnswered(kind: FileKind) {
    let bytes = Array(kind.text.utf8)
    // A long file is cut at every seventh byte, which still meets each kind of place.
    for end in stride(from: 0, through: bytes.count, by: bytes.count > 1000 ? 7 : 1) {
      expectPlaces(kind.read(Array(bytes[..<end])))
    }
  }

  @Test(arguments: kinds)
  func mutatedFilesAreAnswered(kind: FileKind) {
    var random = SeededGenerator(state: 7)
    let interesting = Array("{}[]&*!|>'\"%@`:,?-# \n\t\\$~=".utf8) + [0, 0x80, 0xFF]
    for _ in 0..<300 {
      var bytes = Array(kind.text.utf8)
      for _ in 0..<Int.random(in: 1...5, using: &random) where !bytes.isEmpty {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        let byte = interesting.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[at] = byte
        case 1: bytes.insert(byte, at: at)
        default: bytes.removeSubrange(at..<min(bytes.count, at + 8))
        }
      }
      expectPlaces(kind.read(bytes))
    }
  }

  /// Nothing of the truth of a whole file may be lost silently by cutting it.
  @Test func aCatalogCutInAFlowIsAnError() {
    let text = "registry:\n  a: {image: x, command: [a, "
    let problems = CatalogDocument.decode(Array(text.utf8), from: .localFile(path: "f")).problems
    #expect(problems.hasErrors)
    #expect(problems.first?.line == 2)
  }

  private func expectPlaces(_ problems: [Problem]) {
    for problem in problems where problem.severity == .error && problem.source == "f" {
      #expect((problem.line ?? 0) > 0)
      #expect(!problem.message.isEmpty)
    }
  }
}
