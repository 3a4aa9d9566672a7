import Testing

@testable import Catalog

struct ToolFilterTests {
  @Test(arguments: [
    ("*", true), ("search", true), ("SEARCH", true), ("notes:search", true), ("Notes:Search", true),
    ("notes:*", true), ("example/notes:1:search", true), ("example/notes:1:*", true),
    ("  notes:search ", true), ("read", false), ("weather:search", false), ("notes", false),
    ("notes:sea*", false), ("example/notes:search", false), ("", false),
  ])
  func anEntryEnablesATool(entry: String, isAllowed: Bool) {
    let filter = ToolFilter(entries: [entry])
    #expect(filter.allows(server: "notes", image: "example/notes:1", tool: "search") == isAllowed)
  }

  @Test func aToolCannotPassForAnotherServersTool() {
    let filter = ToolFilter(entries: ["notes:search"])
    #expect(!filter.allows(server: "evil", image: nil, tool: "notes:search"))
    #expect(
      ToolFilter(entries: ["evil:*"]).allows(server: "evil", image: nil, tool: "notes:search"))
  }

  @Test func anAllowListNamesToolsExactly() {
    let filter = ToolFilter(lists: ["notes": ["search"], "weather": []])
    #expect(filter.allows(server: "notes", image: nil, tool: "search"))
    #expect(!filter.allows(server: "notes", image: nil, tool: "Search"))
    #expect(!filter.allows(server: "weather", image: nil, tool: "forecast"))
    #expect(filter.allows(server: "other", image: nil, tool: "anything"))
    #expect(ToolFilter.everything.allows(server: "notes", image: nil, tool: "x"))
  }

  @Test func entriesThatMatchNothingAreReportedAsWritten() {
    let known = [ToolFilter.KnownTool(server: "notes", image: "example/notes:1", tool: "search")]
    let entries = ToolFilter(entries: [
      "notes:*", "Serch", "search", "example/notes:1:SEARCH", "x:y",
    ])
    #expect(entries.unmatchedEntries(among: known) == ["Serch", "x:y"])
    let lists = ToolFilter(lists: ["notes": ["search", "red"]])
    #expect(lists.unmatchedEntries(among: known) == ["notes:red"])
    #expect(ToolFilter.everything.unmatchedEntries(among: known) == [])
  }
}
