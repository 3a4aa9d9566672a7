import Testing
import Wire

@testable import OperatorFiles

struct EnabledServersTests {
  let folder: Folder
  let servers: EnabledServers
  init() throws {
    folder = try Folder()
    servers = EnabledServers(mcpFolder: folder.path)
  }

  static let entry = "registry:\n  notes:\n    ref: \"\"\n"

  @Test(
    arguments: [
      (nil, "registry:\n  new:\n    ref: \"\"\n"),
      ("", "registry:\n  new:\n    ref: \"\"\n"),
      ("# mine\n", "# mine\nregistry:\n  new:\n    ref: \"\"\n"),
      ("registry: {}\n", "registry:\n  new:\n    ref: \"\"\n"),
      ("registry: { } # none\n", "registry: # none\n  new:\n    ref: \"\"\n"),
      ("registry:\n", "registry:\n  new:\n    ref: \"\"\n"),
      ("registry: # none\n", "registry: # none\n  new:\n    ref: \"\"\n"),
      ("{}\n", "registry:\n  new:\n    ref: \"\"\n"),
      (entry, entry + "  new:\n    ref: \"\"\n"),
      ("registry:\n    notes: {}\n", "registry:\n    notes: {}\n    new:\n      ref: \"\"\n"),
      ("registry:\n  notes:", "registry:\n  notes:\n  new:\n    ref: \"\"\n"),
      (
        "# top\nregistry:\n  # why\n  notes: # keep\n    ref: ''\n\n# end\n",
        "# top\nregistry:\n  # why\n  notes: # keep\n    ref: ''\n  new:\n    ref: \"\"\n\n# end\n"
      ),
    ] as [(String?, String)])
  func enablingAddsOneEntryAndNothingElse(_ before: String?, _ after: String) throws {
    if let before { try folder.write("registry.yaml", before) }
    #expect(try servers.enable(["new"]) == ["new"])
    #expect(folder.read("registry.yaml") == after)
  }

  @Test(arguments: [
    (entry, "registry: {}\n"),
    ("registry: # mine\n  notes:\n    ref: \"\"\n", "registry: {} # mine\n"),
    (entry + "  b: {}\n", "registry:\n  b: {}\n"),
    (
      "registry:\n  a: {}\n  # about notes\n  notes: {}\n  # about b\n  b: {}\n",
      "registry:\n  a: {}\n  # about notes\n  # about b\n  b: {}\n"
    ),
    ("registry:\n  a:\n  notes:\n    ref: \"\"\n# end\n", "registry:\n  a:\n# end\n"),
    ("registry:\n  \"notes\":\n    ref: \"\"\n  a:\n", "registry:\n  a:\n"),
  ])
  func disablingTakesOneEntryOut(_ before: String, _ after: String) throws {
    try folder.write("registry.yaml", before)
    #expect(try servers.disable(["notes", "none"]) == ["notes"])
    #expect(folder.read("registry.yaml") == after)
  }

  @Test(arguments: [
    "registry: {notes: {ref: \"\"}}\n", "{registry: {notes: {}}}\n", "registry: [a]\n", "- a\n",
    "registry: {a: 1\n", "registry:\n  a: 1\n", "registry: &x {}\n", "\t\n",
    "registry:\n  a:\n  a:\n",
    "{\"registry\": {\"notes\": {\"ref\": \"\"}}}",
  ])
  func whatCannotBeEditedSafelyIsNotTouched(_ text: String) throws {
    try folder.write("registry.yaml", text)
    #expect(throws: Problem.self) { try servers.enable(["new"]) }
    #expect(folder.read("registry.yaml") == text)
  }

  @Test func enablingTwiceIsOnce() throws {
    #expect(try servers.enable(["b", "a", "b"]) == ["b", "a"])
    #expect(try servers.enable(["a"]) == [])
    #expect(try servers.names() == ["a", "b"])
    #expect(try servers.disable(["a", "b"]) == ["a", "b"])
    #expect(try servers.names() == [])
    #expect(folder.read("registry.yaml") == "registry: {}\n")
  }

  @Test func namesThatYAMLWouldMistakeAreQuoted() throws {
    let names = ["true", "no", "123", "null", "1.5", "a-b", "x/y.z"]
    try servers.enable(names)
    #expect(try servers.names() == names.sorted())
  }

  @Test func resettingEmptiesWhatIsThere() throws {
    #expect(try servers.reset() == false)
    try servers.enable(["a"])
    #expect(try servers.reset())
    #expect(try servers.names() == [])
  }
}
