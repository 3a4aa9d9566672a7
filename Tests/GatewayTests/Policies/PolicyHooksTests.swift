import Foundation
import Interceptors
import Policy
import Testing
import Wire

@testable import Gateway

/// How hooks of a policy become hooks that can run, and what keeps them from it.
struct PolicyHooksTests {
  private static func prepared(
    _ hook: String, variables: [String: String] = [:]
  ) throws -> PolicyHooks {
    let text = "version: 1\nhooks:\n  - {name: h, when: before, \(hook)}"
    let (file, problems) = PolicyFile.decode(Array(text.utf8), source: "p.yaml")
    try #require(problems == [])
    return PolicyHooks(file.hooks, variables: variables)
  }

  /// A file with some text and mode; gone after `body`.
  private static func withFile(
    _ text: String, mode: Int = 0o600, _ body: (String) throws -> Void
  ) throws {
    let path = NSTemporaryDirectory() + "policy-hooks-\(UUID().uuidString)"
    try Data(text.utf8).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    try body(path)
  }

  @Test func everyKindBecomesTheHookOfTheCommandLine() throws {
    let line = try Self.prepared("exec: jq .").hooks
    #expect(line == [Hook(name: "h", spec: HookSpec(.before, .exec, "jq ."))])
    let program = try #require(try Self.prepared("exec: [a, b c], persistent: true").hooks.first)
    #expect(program.command == ["a", "b c"])
    #expect(program.isPersistent)
    let http = try Self.prepared("http: 'unix:///s'").hooks
    #expect(http == [Hook(name: "h", spec: HookSpec(.before, .http, "unix:///s"))])
    let docker = try #require(
      try Self.prepared("docker: {image: i, arguments: [x], warm: true}").hooks.first)
    #expect(docker.words == ["i", "x"])
    #expect(docker.image == "i")
    #expect(docker.isWarm)
  }

  @Test func grantedVariablesComeFromTheGatewaysEnvironment() throws {
    let prepared = try Self.prepared(
      "exec: x, grants: {environment: [A, MISSING]}", variables: ["A": "1", "B": "2"])
    #expect(prepared.hooks.first?.grants.environment == ["A": "1"])
    #expect(prepared.problems.map(\.severity) == [.warning])
    #expect(prepared.problems.first?.message.contains("MISSING") == true)
  }

  @Test func secretsAreFetchedFromWhereThePolicySays() throws {
    try Self.withFile("0123456789abcdef\n") { path in
      let prepared = try Self.prepared(
        "http: {url: 'https://h/', hmac-key: {file: \(path)}, headers: {A: {environment: T}}}",
        variables: ["T": "token"])
      #expect(prepared.problems == [])
      let options = try #require(prepared.hooks.first?.http)
      #expect(options.signingKey == Secret("0123456789abcdef"))
      #expect(options.headers == [.init(name: "A", value: Secret("token"))])
      #expect(prepared.watched.map(\.path) == [path])
    }
  }

  @Test func callsThatTravelInTheOpenAreWarnedOf() throws {
    let prepared = try Self.prepared("http: 'http://hooks.example/'")
    #expect(prepared.hooks.count == 1)
    #expect(prepared.problems.map(\.severity) == [.warning])
    for url in ["http://127.0.0.1/", "http://localhost:1/", "https://h/", "unix:///s"] {
      #expect(try Self.prepared("http: '\(url)'").problems == [])
    }
  }

  @Test(arguments: [
    ("http: {url: 'https://h/', hmac-key: {environment: NONE}}", "NONE, which is not set"),
    ("http: {url: 'https://h/', hmac-key: {environment: SHORT}}", "fewer than 16 bytes"),
    ("http: {url: 'https://h/', headers: {A: {environment: BREAK}}}", "no header can have"),
    ("http: {url: 'https://h/', hmac-key: {file: /no/such/file}}", "there is no file"),
    ("http: {url: 'https://h/', ca-file: /no/such/file}", "there is no file"),
    ("http: {url: 'https://h/', ca-file: /etc/hostname}", "holds no certificates"),
    ("http: 'https://u:hunter2@h/'", "user name or password"), ("http: 'unix://x'", "no socket"),
  ])
  func aHookWithAFlawIsNoHook(hook: String, said: String) throws {
    let prepared = try Self.prepared(
      hook, variables: ["SHORT": "hunter2", "BREAK": "a\nhunter2"])
    #expect(prepared.hooks == [])
    #expect(prepared.problems.hasErrors)
    #expect(prepared.problems.contains { $0.description.contains(said) }, "\(prepared.problems)")
    #expect(!prepared.problems.contains { $0.description.contains("hunter2") })
  }

  @Test(arguments: [0o644, 0o640, 0o666])
  func aKeyThatOthersCanReadIsNotUsed(mode: Int) throws {
    try Self.withFile("0123456789abcdef", mode: mode) { path in
      let prepared = try Self.prepared("http: {url: 'https://h/', hmac-key: {file: \(path)}}")
      #expect(prepared.hooks == [])
      #expect(prepared.problems.hasErrors)
    }
  }
}
