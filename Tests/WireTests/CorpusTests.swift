import Foundation
import Testing

@testable import Wire

/// What the fuzz targets start from, and what they once broke, holds in every test run.
struct CorpusTests {
  private static func inputs(_ target: String) throws -> [URL] {
    let root = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return try FileManager.default.contentsOfDirectory(
      at: root.appending(path: "Fuzz/corpus/\(target)"), includingPropertiesForKeys: nil)
  }

  @Test func everyTextOfTheCorpusKeepsThePromises() throws {
    let inputs = try Self.inputs("texts")
    #expect(inputs.count >= 40)
    var accepted = 0
    for input in inputs where try WireProperties.text(Array(Data(contentsOf: input))) {
      accepted += 1
    }
    #expect(accepted > 0 && accepted < inputs.count)
  }

  @Test func everyMessageOfTheCorpusKeepsThePromises() throws {
    let inputs = try Self.inputs("messages")
    #expect(inputs.count >= 20)
    var accepted = 0
    for input in inputs where try WireProperties.message(Array(Data(contentsOf: input))) {
      accepted += 1
    }
    #expect(accepted > 0 && accepted < inputs.count)
  }
}
