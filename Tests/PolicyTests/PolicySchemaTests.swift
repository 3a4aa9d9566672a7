import Testing
import Wire

@testable import Policy

/// The schema for editors and the reader agree about keys and words.
struct PolicySchemaTests {
  private static let schema = try? JSONText(validating: PolicySchema.text)

  private func keys(_ path: String...) -> Set<String> {
    let node = path.reduce(Self.schema) { $0?[$1] }
    return Set(node?["properties"]?.members.map(\.name) ?? [])
  }

  /// Each key of the schema is read: written with a value of a wrong type, it is not called unknown.
  @Test(arguments: [
    (["$defs", "hook"], "version: 1\nhooks: [{KEY: {a: b}}]"),
    (["$defs", "http"], "version: 1\nhooks: [{http: {KEY: [x]}}]"),
    (["$defs", "docker"], "version: 1\nhooks: [{docker: {KEY: {a: b}}}]"),
    (["$defs", "match"], "version: 1\nhooks: [{match: {KEY: {a: b}}}]"),
    (["$defs", "grants"], "version: 1\nhooks: [{grants: {KEY: {a: b}}}]"),
    (["$defs", "source"], "version: 1\nhooks: [{http: {url: 'unix:///x', hmac-key: {KEY: []}}}]"),
  ])
  func everyKeyOfTheSchemaIsRead(path: [String], template: String) {
    let node = path.reduce(Self.schema) { $0?[$1] }
    let keys = node?["properties"]?.members.map(\.name) ?? []
    #expect(!keys.isEmpty)
    for key in keys {
      let text = template.split(separator: "KEY", maxSplits: 1).joined(separator: key)
      let messages = PolicyFile.decode(Array(text.utf8), source: "p").problems.map(\.message)
      #expect(!messages.isEmpty)
      #expect(!messages.contains { $0.hasPrefix("unknown key `\(key)`") }, "\(key): \(messages)")
    }
  }

  @Test func theKeysOfAFileAndAHookAreThoseOfTheSchema() {
    #expect(keys() == ["version", "hooks"])
    #expect(
      keys("$defs", "hook")
        == [
          "name", "when", "exec", "persistent", "http", "docker", "match", "timeout", "on-error",
          "grants",
        ])
  }

  @Test func theWordsOfTheSchemaAreThoseOfTheReader() {
    func words(_ node: JSONText?) -> [String] { node?["enum"]?.elements.compactMap(\.string) ?? [] }
    let definitions = Self.schema?["$defs"]
    let hook = definitions?["hook"]?["properties"]
    #expect(words(hook?["when"]) == HookRule.When.allCases.map(\.rawValue))
    #expect(words(hook?["on-error"]) == HookRule.OnError.allCases.map(\.rawValue))
    #expect(words(definitions?["method"]) == Call.Method.allCases.map(\.rawValue))
  }
}
