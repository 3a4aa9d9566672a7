import Testing

@testable import Gateway

@Test(arguments: [
  ("file:///{path}", "file:///a.txt", true),
  ("file:///{path}", "file:///a/b.txt", false),
  ("file:///{+path}", "file:///a/b.txt", true),
  ("file:///{path*}", "file:///a/b.txt", true),
  ("db://{table}/{row}", "db://users/17", true),
  ("db://{table}/{row}", "db://users", false),
  ("db://{table}/{row}", "db://users/1/2", false),
  ("db://x{?q,n}", "db://x?q=1&n=2", true),
  ("db://x{/rest}", "db://x/a/b", true),
  ("note://{id}.md", "note://a.b.md", true),
  ("note://{id}.md", "note://a.b.mdx", false),
  ("note://fixed", "note://fixed", true),
  ("note://fixed", "note://fixe", false),
  ("note://{a}{b}", "note://xy", true),
])
func templatesMatchWhatTheyCanMake(template: String, uri: String, matches: Bool) throws {
  #expect(try #require(URITemplate(template)).matches(uri) == matches)
}

@Test(arguments: ["{all}", "{+all}/x", "note://{", "note://}", "note://{}", "", "a{b"])
func templatesThatCannotBeReadOrClaimEverythingAreRefused(template: String) {
  #expect(URITemplate(template) == nil)
}

@Test func aTemplateOfManyPartsIsRefused() {
  #expect(URITemplate("x:" + String(repeating: "{a}b", count: 100)) == nil)
}

@Test func matchingIsNotExponential() throws {
  let template = try #require(URITemplate("x:" + String(repeating: "{+a}a", count: 30)))
  #expect(!template.matches("x:" + String(repeating: "a", count: 8_000) + "b"))
}
