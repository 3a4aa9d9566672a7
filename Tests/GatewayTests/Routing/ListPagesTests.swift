import Testing
import Wire

@testable import Gateway

struct ListPagesTests {
  private static func entries(_ count: Int, bytes: Int = 10) -> [JSONText] {
    (0..<count).map { JSONText(string: "\($0)-" + String(repeating: "x", count: bytes)) }
  }

  /// All pages, as a client reads them.
  private func read(_ pages: ListPages) throws -> [[JSONText]] {
    var found: [[JSONText]] = []
    var params: JSONText?
    while true {
      let page = try pages.result(params)
      found.append(page["tools"]?.elements ?? [])
      guard let next = page["nextCursor"] else { return found }
      params = JSONText(object: [("cursor", next)])
      try #require(found.count < 100)
    }
  }

  @Test(arguments: [
    (0, 10, [0]), (1, 10, [1]), (1_000, 10, [1_000]), (1_001, 10, [1_000, 1]),
    (2_500, 10, [1_000, 1_000, 500]), (3, 300 << 10, [2, 1]), (2, 2 << 20, [1, 1]),
  ])
  func everyEntryIsOnOnePageInItsOrder(count: Int, bytes: Int, sizes: [Int]) throws {
    let entries = Self.entries(count, bytes: bytes)
    let pages = ListPages("tools", entries)
    let read = try read(pages)
    #expect(read.map(\.count) == sizes)
    #expect(read.flatMap { $0 } == entries)
    #expect(pages.whole["tools"]?.elements == entries)
  }

  @Test(arguments: [#""""#, #""1""#, "1", "null", #""00000000000000000000000000000000""#])
  func aCursorThatWeDidNotMakeLeadsNowhere(cursor: String) throws {
    let params = JSONText(object: [("cursor", try JSONText(validating: cursor))])
    for count in [1, 1_001] {
      let pages = ListPages("tools", Self.entries(count))
      #expect(throws: RPCError.self) { try pages.result(params) }
    }
  }

  @Test func aCursorOfAnotherListLeadsNowhere() throws {
    let old = ListPages("tools", Self.entries(2_001))
    let next = try #require(try old.result(nil)["nextCursor"])
    let params = JSONText(object: [("cursor", next)])
    #expect(try old.result(params)["tools"]?.elements.count == 1_000)
    for other in [
      ListPages("tools", Self.entries(2_002)), ListPages("prompts", Self.entries(2_001)),
    ] {
      do throws(RPCError) {
        _ = try other.result(params)
        Issue.record("accepted")
      } catch { #expect(error.code == -32602) }
    }
  }
}
