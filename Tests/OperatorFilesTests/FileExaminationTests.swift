import Testing
import Wire

@testable import OperatorFiles

struct FileExaminationTests {
  let folder: Folder
  init() throws { folder = try Folder() }

  private func examine(_ name: String) throws -> FileExamination {
    try #require(FileExamination.all(in: folder.path).first { $0.path == folder.at(name) })
  }

  @Test func anEmptyFolderIsInOrder() {
    let files = FileExamination.all(in: folder.at("none"))
    #expect(files.count == 4)
    #expect(files.allSatisfy { !$0.exists && $0.problems == [] })
  }

  @Test(arguments: ["registry.yaml", "config.yaml", "tools.yaml", "catalog.json"])
  func whatIsWrongInAFileIsFound(_ name: String) throws {
    try folder.write(name, "a: [\n")
    #expect(try examine(name).problems.hasErrors)
  }

  @Test func aListedCatalogMustBeThere() throws {
    try folder.write("catalog.json", #"{"catalogs": {"x": {}}}"#)
    #expect(try examine("catalogs/x.yaml").problems.hasErrors)
    try folder.write("catalogs/x.yaml", "registry: {a: {image: [1]}}\n")
    #expect(try examine("catalogs/x.yaml").problems.hasErrors)
    try folder.write("catalogs/x.yaml", "registry: {a: {image: x/y}}\n")
    #expect(try !examine("catalogs/x.yaml").problems.hasErrors)
  }

  @Test func aFileThatOthersCanWriteIsToldAbout() throws {
    try folder.write("registry.yaml", "registry: {}\n", mode: 0o666)
    let problems = try examine("registry.yaml").problems
    #expect(problems.contains { $0.severity == .warning && $0.hint?.contains("chmod") == true })
  }
}
