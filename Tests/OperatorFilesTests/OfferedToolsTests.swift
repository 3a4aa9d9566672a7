import Testing
import Wire

@testable import OperatorFiles

struct OfferedToolsTests {
  let folder: Folder
  let tools: OfferedTools
  init() throws {
    folder = try Folder()
    tools = OfferedTools(mcpFolder: folder.path)
  }

  @Test(arguments: [
    ("notes:\n  - a\n", "notes:\n  - a\n  - new\n"),
    ("notes: [a]\n", "notes:\n  - a\n  - new\n"),
    ("notes: []\n", "notes:\n  - new\n"),
    ("notes:\n", "notes:\n  - new\n"),
    ("# x\nnotes: [a]\n# y\nb: []\n", "# x\nnotes:\n  - a\n  - new\n# y\nb: []\n"),
    ("b:\n  - c\nnotes: []", "b:\n  - c\nnotes:\n  - new\n"),
  ])
  func enablingAddsToTheList(_ before: String, _ after: String) throws {
    try folder.write("tools.yaml", before)
    #expect(try tools.enable(["new", "new"], of: "notes") == ["new"])
    #expect(folder.read("tools.yaml") == after)
  }

  @Test(arguments: [
    ("notes:\n  - a\n  - b\n", "notes:\n  - b\n"), ("notes: [a]\n", "notes: []\n"),
    ("notes:\n- a\n- b\nx: []\n", "notes:\n  - b\nx: []\n"),
    ("x: [a]\n", "x: [a]\nnotes:\n  - b\n"),
    ("", "notes:\n  - b\n"), ("{}\n", "notes:\n  - b\n"),
  ])
  func disablingTakesOutOfTheList(_ before: String, _ after: String) throws {
    try folder.write("tools.yaml", before)
    #expect(try tools.disable(["a"], of: "notes", all: ["a", "b"]) == ["a"])
    #expect(folder.read("tools.yaml") == after)
  }

  @Test func aServerWithoutAListOffersAllAlready() throws {
    #expect(try tools.enable(["a"], of: "notes") == [])
    #expect(folder.read("tools.yaml") == nil)
    #expect(try tools.tools(of: "notes") == nil)
  }

  @Test(arguments: ["notes: a\n", "- a\n", "{notes: [a]}\n", "notes: [a\n", "notes: {a: b}\n"])
  func whatCannotBeEditedSafelyIsNotTouched(_ text: String) throws {
    try folder.write("tools.yaml", text)
    #expect(throws: Problem.self) { try tools.enable(["new"], of: "notes") }
    #expect(folder.read("tools.yaml") == text)
  }
}
