import Foundation
import Testing
import Wire

@testable import ContainerEngine

// One after the other: a child that starts while another test has its helper open for writing would
// inherit that descriptor for a moment, and a program open for writing cannot be run.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct CredentialTests {
  private let folder = FileManager.default.temporaryDirectory.appending(
    path: "credentials-\(UUID())")

  private func ask(
    _ image: String, config: String, helper: String? = nil
  ) async throws -> RegistryCredentials? {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(config.utf8).write(to: folder.appending(path: "config.json"))
    if let helper {
      let program = folder.appending(path: "docker-credential-test")
      try Data("#!/bin/sh\n\(helper)\n".utf8).write(to: program)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
    }
    let environment = [
      "PATH": "\(folder.path):/usr/bin:/bin", "HOME": "/nonexistent",
      "MCP_GATEWAY_AUTH_TOKEN": "t0ken",
    ]
    let store = CredentialStore(configurationFolder: folder.path, environment: environment)
    return try await store.credentials(for: ImageReference(image))
  }

  private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

  @Test func theHubIsFoundUnderItsOldAddress() async throws {
    let config = #"{"auths":{"https://index.docker.io/v1/":{"auth":"\#(base64("me:a:b"))"}}}"#
    let found = try await ask("alpine", config: config)
    #expect(found?.username == "me" && found?.password == "a:b")
    #expect(found?.server == "https://index.docker.io/v1/")
    #expect(try await ask("ghcr.io/a", config: config) == nil)
  }

  @Test func otherRegistriesAreFoundByHost() async throws {
    let config =
      #"{"auths":{"r.io:5000":{"identitytoken":"t"},"https://s.io":{"auth":"\#(base64("u:p"))"}}}"#
    #expect(try await ask("r.io:5000/a", config: config)?.identityToken == "t")
    #expect(try await ask("s.io/a", config: config)?.password == "p")
  }

  @Test func anEntryThatIsNotBase64IsAnErrorWithoutItsText() async throws {
    for auth in ["%%%s3cret", base64("nocolon")] {
      let error = await #expect(throws: EngineError.self) {
        try await ask("r.io/a", config: #"{"auths":{"r.io":{"auth":"\#(auth)"}}}"#)
      }
      #expect(error?.description.contains("docker login") == true)
      #expect(error?.description.contains(auth) == false)
    }
  }

  @Test func noConfigurationMeansNoCredentials() async throws {
    let store = CredentialStore(configurationFolder: "/nonexistent", environment: [:])
    #expect(try await store.credentials(for: ImageReference("a")) == nil)
  }

  private let byHelper = #"{"credHelpers":{"r.io":"test"},"auths":{"r.io":{}}}"#

  @Test func aHelperIsAskedOnStandardInput() async throws {
    let found = try await ask(
      "r.io/a", config: byHelper,
      helper:
        #"read -r host; echo "{\"ServerURL\":\"$host\",\"Username\":\"$1-$host\",\"Secret\":\"s\"}""#
    )
    #expect(found?.username == "get-r.io" && found?.password == "s")
  }

  @Test func aHelperDoesNotGetTheGatewaysOwnVariables() async throws {
    let found = try await ask(
      "r.io/a", config: byHelper,
      helper:
        #"echo "{\"Username\":\"$HOME\",\"Secret\":\"[$MCP_GATEWAY_AUTH_TOKEN]\"}""#)
    #expect(found?.username == "/nonexistent" && found?.password == "[]")
  }

  @Test func theStoreForAllRegistriesServesTheHub() async throws {
    let found = try await ask(
      "alpine", config: #"{"credsStore":"test"}"#,
      helper: #"read -r host; echo "{\"Username\":\"<token>\",\"Secret\":\"$host\"}""#)
    #expect(found?.identityToken == "https://index.docker.io/v1/")
  }

  @Test func aHelperThatKnowsNothingIsNoError() async throws {
    let found = try await ask(
      "r.io/a", config: byHelper, helper: "echo 'credentials not found in native keychain'; exit 1")
    #expect(found == nil)
  }

  @Test(arguments: [
    ("echo s3cret; exit 3", EngineError.Kind.failed), ("echo s3cret", .malformed),
    ("kill -9 $$", .failed), ("yes s3cret", .tooLarge), (": s3cret; exit 0", .malformed),
  ])
  func aBrokenHelperIsAnErrorWithoutItsOutput(_ script: String, _ kind: EngineError.Kind)
    async throws
  {
    let error = await #expect(throws: EngineError.self) {
      try await ask("r.io/a", config: byHelper, helper: script)
    }
    #expect(error?.kind == kind)
    #expect(error?.description.contains("s3cret") == false)
  }

  @Test(arguments: ["../x", "a/b", "", "a b", "a;b"])
  func aHelpersNameIsOnlyAName(_ name: String) async throws {
    #expect(throws: EngineError.self) { try CredentialHelper(name, environment: [:]) }
  }

  @Test func aHelperThatIsNotInstalledIsExplained() async throws {
    let error = await #expect(throws: EngineError.self) {
      try await ask("r.io/a", config: byHelper)
    }
    #expect(error?.kind == .notFound && error?.message.contains("docker-credential-test") == true)
  }

  @Test func aHelperThatHangsIsKilledWithItsChildren() async throws {
    let mark = "3\(UInt16.random(in: 10_000 ... .max))"
    let start = ContinuousClock.now
    let error = await #expect(throws: EngineError.self) {
      try await ChildProcess.run(
        "sh", ["-c", "sleep \(mark) & sleep \(mark)"], input: [], environment: ["PATH": "/bin"],
        timeout: .milliseconds(500), "test")
    }
    #expect(error?.kind == .timeout)
    #expect(ContinuousClock.now - start < .seconds(10))
    try await Task.sleep(for: .milliseconds(100))
    let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc")
    for process in processes where Int(process) != nil {
      let command = (try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)) ?? ""
      #expect(!command.contains("sleep\u{0}\(mark)"))
    }
  }

  @Test func aChildInheritsNoDescriptorOfOurs() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<16 {
        group.addTask {
          let result = try await ChildProcess.run(
            "ls", ["-l", "/proc/self/fd"], input: [], environment: ["PATH": "/bin"],
            timeout: .seconds(20), "test")
          let listing = String(decoding: result.output, as: UTF8.self)
          #expect(result.exitCode == 0)
          #expect(listing.components(separatedBy: "socket:").count == 3, "\(listing)")
          #expect(!listing.contains("epoll") && !listing.contains("eventfd"))
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func credentialsDoNotShowThemselves() {
    let credentials = RegistryCredentials(username: "u", password: "s3cret", server: "r.io")
    var dumped = ""
    dump(credentials, to: &dumped)
    #expect(!dumped.contains("s3cret") && !"\(credentials)".contains("s3cret"))
    #expect(!String(reflecting: credentials).contains("s3cret"))
  }

  @Test func theHeaderIsURLSafe() {
    let credentials = RegistryCredentials(username: "ÿþ", password: "??>>", server: "r.io")
    #expect(!credentials.headerValue.contains { $0 == "+" || $0 == "/" })
  }
}
