import Testing
import Wire

@testable import OperatorFiles

struct ServerConfigurationTests {
  @Test func whatIsWrittenIsReadBack() throws {
    let folder = try Folder()
    let configuration = ServerConfiguration(mcpFolder: folder.path)
    #expect(try configuration.text() == [])
    #expect(try configuration.write(Array("notes: {a: 1}".utf8)) == [])
    #expect(folder.read("config.yaml") == "notes: {a: 1}\n")
    #expect(try configuration.reset())
    #expect(folder.read("config.yaml") == "")
  }

  @Test(arguments: ["notes: [", "- a", "notes: 1", "a: &x 1", "a: {}\na: {}", "\u{0}"])
  func whatIsNoConfigurationIsRefused(_ text: String) throws {
    let folder = try Folder()
    try folder.write("config.yaml", "old: {}\n")
    let configuration = ServerConfiguration(mcpFolder: folder.path)
    #expect(throws: Problem.self) { try configuration.write(Array(text.utf8)) }
    #expect(folder.read("config.yaml") == "old: {}\n")
  }
}
