import Catalog
import Foundation
import Testing
import Wire

@testable import OperatorFiles

struct CatalogShelfTests {
  let folder: Folder
  let shelf: CatalogShelf
  init() throws {
    folder = try Folder()
    shelf = CatalogShelf(mcpFolder: folder.path)
  }

  static let site = """
    name: site
    displayName: Site
    registry:
      notes:
        title: "Notes: all"
        type: server
        image: example/notes:1
        command: [--a, "{{notes.x|first}}", "yes", 'it''s']
        env: [{name: N, value: "1"}]
        longLived: true
        tools: [{name: search}]
        config: [{name: notes, type: object, properties: {p: {type: string}}}]
      other: {image: example/other}

    """

  @Test func anImportedCatalogIsKeptAsItIs() throws {
    let kept = try shelf.keep(
      Array(Self.site.utf8), from: "./site.yaml", isFetched: false, at: "2026-01-01T00:00:00Z")
    #expect(kept.name == "site")
    #expect(folder.read("catalogs/site.yaml") == Self.site)
    #expect(
      try shelf.entries() == [
        .init(
          name: "site", displayName: "Site", url: "./site.yaml", lastUpdate: "2026-01-01T00:00:00Z")
      ])
  }

  /// It chooses its name itself.
  @Test func aFetchedCatalogReplacesOnlyWhatCameFromTheSameAddress() throws {
    let bytes = Array(Self.site.utf8)
    func fetch(_ url: String) throws {
      _ = try shelf.keep(bytes, from: url, isFetched: true, at: "t")
    }
    try shelf.create("site")
    let problem = #expect(throws: Problem.self) { try fetch("https://a.example/c.yaml") }
    #expect(problem?.hint == "take that one away first: catalog rm site")
    #expect(folder.read("catalogs/site.yaml") != Self.site)
    try shelf.remove("site")
    try fetch("https://a.example/c.yaml")
    try fetch("https://a.example/c.yaml")
    #expect(throws: Problem.self) { try fetch("https://b.example/c.yaml") }
    // The operator's own file is the operator's word.
    _ = try shelf.keep(bytes, from: "./site.yaml", isFetched: false, at: "t")
  }

  @Test func whatTheCopyOfAFetchedCatalogGetsIsTold() throws {
    let text = """
      name: far
      registry:
        a: {image: x, extraHosts: ["db:10.0.0.1"]}
        b: {image: y}

      """
    let kept = try shelf.keep(
      Array(text.utf8), from: "https://a.example/", isFetched: true, at: "t")
    #expect(
      kept.problems.map(\.description) == [
        """
        https://a.example/:3:29: warning: a catalog from the network may not set extraHosts (the \
        copy is yours and has it: take it out of \(folder.at("catalogs/far.yaml")) if unwanted)
        """
      ])
    #expect(try shelf.document("far").0.servers.map(\.name) == ["a", "b"])
  }

  @Test func aCatalogThatIsGoneDoesNotHideTheOthers() throws {
    for name in ["a", "b", "c"] { try shelf.create(name) }
    try folder.write("catalogs/b.yaml", "a: [")
    try FileManager.default.removeItem(atPath: folder.at("catalogs/a.yaml"))
    let (documents, problems) = shelf.documents()
    #expect(documents.map(\.name) == [nil, "c"])
    #expect(problems.count == 2)
  }

  @Test(arguments: [
    "", "registry: {}\n", "name: ../x\nregistry: {}\n", "name: [a]\n", "a: [",
    "name: x\nregistry: {a: {image: 1}, a: {}}\n", "name: x\nregistry: {a: {image: [1]}}\n",
  ])
  func whatIsNoUsableCatalogIsNotKept(_ text: String) throws {
    #expect(throws: Problem.self) {
      try shelf.keep(Array(text.utf8), from: "f", isFetched: false, at: "")
    }
    #expect(try folder.names() == [])
  }

  @Test func aServerIsCopiedWithAllItSays() throws {
    try folder.write("site.yaml", Self.site)
    try shelf.create("mine")
    try shelf.add("notes", from: folder.at("site.yaml"), to: "mine", replacing: false)
    let (original, _) = try decode("site.yaml")
    let (copy, problems) = try shelf.document("mine")
    #expect(problems == [])
    #expect(copy.servers.count == 1)
    var copied = try #require(copy.servers.first)
    copied.origin = try #require(original.servers.first).origin
    #expect(copied == original.servers.first)
    #expect(throws: Problem.self) {
      try shelf.add("notes", from: folder.at("site.yaml"), to: "mine", replacing: false)
    }
    try shelf.add("notes", from: folder.at("site.yaml"), to: "mine", replacing: true)
    try shelf.add("other", from: folder.at("site.yaml"), to: "mine", replacing: false)
    #expect(try shelf.document("mine").0.servers.map(\.name) == ["notes", "other"])
  }

  private func decode(_ name: String) throws -> (CatalogDocument, [Problem]) {
    let bytes = try #require(try OperatorFile(folder.at(name)).read())
    return CatalogDocument.decode(bytes, from: .localFile(path: folder.at(name)))
  }

  @Test(arguments: ["docker-mcp", "../x", "", ".x", "a b", "a/b"])
  func reservedAndUnusableNamesAreRefused(_ name: String) throws {
    #expect(throws: Problem.self) { try shelf.create(name) }
    #expect(try folder.names() == [])
  }

  @Test func makingTwiceAndRemovingWhatIsNotThereAreErrors() throws {
    try shelf.create("mine")
    #expect(throws: Problem.self) { try shelf.create("mine") }
    try shelf.remove("mine")
    #expect(try shelf.entries() == [])
    #expect(try folder.names("catalogs") == [])
    #expect(throws: Problem.self) { try shelf.remove("mine") }
  }

  @Test func anUnknownServerIsAnErrorWithASuggestion() throws {
    try folder.write("site.yaml", Self.site)
    try shelf.create("mine")
    let problem = #expect(throws: Problem.self) {
      try shelf.add("notse", from: folder.at("site.yaml"), to: "mine", replacing: false)
    }
    #expect(problem?.hint?.contains("notes") == true)
  }

  @Test func otherContentOfTheIndexStays() throws {
    try folder.write("catalog.json", "{\"x\": [1],\n \"catalogs\": {}}")
    try shelf.create("mine")
    #expect(folder.read("catalog.json")?.hasPrefix("{\"x\": [1],\n \"catalogs\": {") == true)
  }
}
