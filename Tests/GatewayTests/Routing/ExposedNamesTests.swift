import Testing

@testable import Gateway

private func assign(_ entries: [(String, String)], servers: Set<String> = ["a", "b", "c"])
  -> [String?]
{
  ExposedNames.assign(entries.map { .init(server: $0.0, name: $0.1) }, servers: servers)
}

@Test func aNameThatOnlyOneServerHasStays() {
  #expect(
    assign([("a", "search"), ("b", "read_file"), ("b", "x.y/z")]) == [
      "search", "read_file", "x.y/z",
    ])
}

@Test func everyPartyOfAClashIsPrefixed() {
  #expect(
    assign([("a", "search"), ("b", "search"), ("c", "other")]) == [
      "a__search", "b__search", "other",
    ])
}

@Test func theOrderOfServersDecidesNothing() {
  let one = assign([("a", "x"), ("b", "x"), ("c", "y")])
  let other = assign([("c", "y"), ("b", "x"), ("a", "x")])
  #expect(one == other.reversed())
}

@Test func namesThatDifferOnlyInCaseClash() {
  #expect(assign([("a", "Search"), ("b", "search")]) == ["a__Search", "b__search"])
}

@Test func noServerCanTakeANameThatReadsAsAnothersAlias() {
  #expect(assign([("a", "b__delete"), ("b", "read")]) == ["a__b__delete", "read"])
  #expect(assign([("a", "B__delete")]) == ["a__B__delete"])
}

@Test func aBareNameGivesWayToAnAlias() {
  let names = assign(
    [("a", "x"), ("b", "x"), ("c", "a__x")], servers: ["a", "b", "c"])
  #expect(names == ["a__x", "b__x", "c__a__x"])
}

@Test func aServerThatImitatesItsOwnAliasGetsDistinctNames() {
  let names = assign([("a", "x"), ("b", "x"), ("a", "a__x")])
  #expect(names == ["a__x", "b__x", "a__a__x"])
}

@Test(arguments: [
  "with space", "new\nline", "\u{1B}[31mred", "ünïcode", String(repeating: "n", count: 129), "a:b",
])
func aNameThatClientsRefuseIsMadeUsable(name: String) throws {
  let exposed = try #require(assign([("a", name)]).first ?? nil)
  #expect(exposed.wholeMatch(of: /[A-Za-z0-9_\-.\/]{1,64}/) != nil)
  #expect(exposed != name)
}

@Test func differentUnusableNamesStayDifferent() {
  let names = assign([("a", "x y"), ("a", "x\ty"), ("a", "x_y")])
  #expect(Set(names.compactMap(\.self)).count == 3)
}

@Test func aLongAliasIsCutToWhatClientsTake() throws {
  let long = String(repeating: "long", count: 25)
  let names = assign([("a", long), ("b", long)]).compactMap(\.self)
  #expect(names.allSatisfy { $0.count <= 64 })
  #expect(Set(names).count == 2)
}
