import Foundation
import Testing
import Wire
import YAML

@testable import Catalog

/// What docs/configuration.md shows is what the code accepts.
struct DocumentationTests {
  private static let page = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("docs/configuration.md")

  /// The texts between ```yaml and ```.
  private static func examples() throws -> [String] {
    try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```yaml\n").dropFirst()
      .compactMap { $0.components(separatedBy: "```").first }
  }

  @Test func allExamplesAreFreeOfProblems() throws {
    let examples = try Self.examples()
    #expect(examples.count == 5)
    for example in examples {
      let bytes = Array(example.utf8)
      _ = try YAMLDocument(bytes, source: "configuration.md")
      guard example.contains("image:") else { continue }
      let (catalog, problems) = CatalogDocument.decode(bytes, from: .localFile(path: "example"))
      #expect(problems == [] && catalog.unusable == [])
      #expect(catalog.servers.count == 1)
    }
  }

  @Test func theExampleRunsAsThePageSays() async throws {
    let example = try #require(try Self.examples().last)
    let config = "notes: {folder: /tmp, languages: [fr, en], title: My notes}"
    let configuration = try await resolve(
      example, config: config, secrets: ["notes.api_key": "s3cret"])
    let container = try #require(configuration.container)
    #expect(configuration.messages == [])
    #expect(container.command == [.plain("--transport=stdio"), .plain("--lang=fr")])
    #expect(container.environment.map(\.name) == ["NOTES_KEY", "NOTES_HEADER", "NOTES_TITLE"])
    #expect(container.mounts.map(\.isWritable) == [false])
    #expect(container.user == "1000:1000" && container.isNetworkDisabled)
  }

  @Test func everyFieldOfAServerIsOnThePage() throws {
    let page = try String(contentsOf: Self.page, encoding: .utf8)
    let reader = YAMLReader(source: "")
    let root = try YAMLDocument(Array("image: x".utf8), source: "").root
    let fields = try #require(root.flatMap { reader.fields($0, "a server") })
    _ = ServerDecoder(fields: fields, name: "s", origin: .localFile(path: "", line: 1)).definition()
    for key in fields.known where key != "name" {
      #expect(page.contains("`\(key)`"), "\(key) is not documented")
    }
  }
}
