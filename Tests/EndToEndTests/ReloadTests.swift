import Foundation
import Testing

/// The files are followed while the gateway runs, however they are replaced.
@Suite struct ReloadTests {
  private func start(_ sandbox: Sandbox, _ entries: [ServerEntry], enabled: [String]) async throws
    -> RawSession
  {
    try sandbox.write("home/.docker/mcp/catalogs/docker-mcp.yaml", ServerEntry.catalog(entries))
    try sandbox.write("home/.docker/mcp/registry.yaml", ServerEntry.registry(enabled))
    let session = try await sandbox.session("--watch")
    _ = try await session.waitForTools("tool1") { $0 == ["tool1"] }
    return session
  }

  @Test func aFileReplacedByRenameIsSeen() async throws {
    try await withSandbox { sandbox in
      let (a, b) = (sandbox.name("a"), sandbox.name("b"))
      let session = try await start(
        sandbox, [.plain(a, tools: 1), .everything(b)], enabled: [a])
      let fresh = try sandbox.write("home/.docker/mcp/.registry.new", ServerEntry.registry([a, b]))
      #expect(rename(fresh, sandbox.path("home/.docker/mcp/registry.yaml")) == 0)
      _ = try await session.notification("notifications/tools/list_changed")
      _ = try await session.waitForTools("both") { $0.contains("tool1") && $0.contains("echo") }
      // A second time: a watch on the replaced file itself would be dead by now.
      let again = try sandbox.write("home/.docker/mcp/.registry.new", ServerEntry.registry([b]))
      #expect(rename(again, sandbox.path("home/.docker/mcp/registry.yaml")) == 0)
      _ = try await session.waitForTools("one") { !$0.contains("tool1") && $0.contains("echo") }
    }
  }

  /// As Kubernetes does it: the file is a link through `..data`, which is replaced.
  @Test func aSwappedConfigMapIsSeen() async throws {
    try await withSandbox { sandbox in
      let (a, b) = (sandbox.name("a"), sandbox.name("b"))
      let entries = [ServerEntry.plain(a, tools: 1), .everything(b)]
      try sandbox.write("home/.docker/mcp/catalogs/docker-mcp.yaml", ServerEntry.catalog(entries))
      try sandbox.write("map/..1/registry.yaml", ServerEntry.registry([a]))
      try sandbox.write("map/..2/registry.yaml", ServerEntry.registry([b]))
      let files = FileManager.default
      try files.createSymbolicLink(atPath: sandbox.path("map/..data"), withDestinationPath: "..1")
      try files.createSymbolicLink(
        atPath: sandbox.path("map/registry.yaml"), withDestinationPath: "..data/registry.yaml")
      let session = try await sandbox.session(
        "--watch", "--registry", sandbox.path("map/registry.yaml"))
      _ = try await session.waitForTools("tool1") { $0 == ["tool1"] }
      try files.createSymbolicLink(atPath: sandbox.path("map/..tmp"), withDestinationPath: "..2")
      #expect(rename(sandbox.path("map/..tmp"), sandbox.path("map/..data")) == 0)
      _ = try await session.waitForTools("echo") { $0.contains("echo") && !$0.contains("tool1") }
    }
  }

  @Test(arguments: [
    "home/.docker/mcp/registry.yaml", "home/.docker/mcp/catalogs/docker-mcp.yaml",
    "home/.docker/mcp/config.yaml",
    "home/.docker/mcp/tools.yaml",
  ])
  func aBadFileKeepsTheLastGoodState(file: String) async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("a")
      let session = try await start(sandbox, [.plain(name, tools: 1)], enabled: [name])
      try sandbox.write(file, "this: is: [not YAML\n")
      let fileName = file.split(separator: "/").last.map(String.init) ?? file
      try await eventually("the reason, with file, line and column") {
        session.process.errors.contains("\(fileName):1:")
      }
      #expect(try await session.toolNames() == ["tool1"])
      #expect(try await session.call("tool1").resultText == "\(name) tool1")
    }
  }

  @Test func aCallInFlightFinishesOnTheOldState() async throws {
    try await withSandbox { sandbox in
      let (a, b) = (sandbox.name("a"), sandbox.name("b"))
      let entries = [ServerEntry.everything(a, longLived: true), .plain(b, tools: 1)]
      try sandbox.write("home/.docker/mcp/catalogs/docker-mcp.yaml", ServerEntry.catalog(entries))
      try sandbox.write("home/.docker/mcp/registry.yaml", ServerEntry.registry([a]))
      let session = try await sandbox.session()
      _ = try await session.waitForTools("slow") { $0.contains("slow") }
      let call = try session.post(
        "tools/call", ["name": "slow", "arguments": ["seconds": 5, "steps": 5]])
      try await Task.sleep(for: .seconds(1))
      try sandbox.write("home/.docker/mcp/registry.yaml", ServerEntry.registry([b]))
      _ = try await session.waitForTools("tool1") { $0 == ["tool1"] }
      #expect(try await session.answer(to: call)["result"].resultText == "took 5 steps")
      try await eventually(within: .seconds(15), "end of the old server") {
        try await Machine.containers(serving: a).isEmpty
      }
    }
  }

  @Test func toolsAndSecretsAreFollowedToo() async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("a")
      let secrets: JSON = [["name": "a.key", "env": "A_KEY"]]
      try sandbox.serve(.everything(name).with("secrets", secrets))
      try sandbox.write(".env", "other=1\n")
      let session = try await sandbox.session("--secrets=./.env", "--warm", "0")
      _ = try await session.waitForTools("environment") { $0.contains("environment") }
      #expect(try await !session.call("environment").resultText.contains("A_KEY"))
      try sandbox.write(".env", "a.key=1\n")
      try await eventually("the secret") {
        try await session.call("environment").resultText.contains("A_KEY")
      }
      try sandbox.write("home/.docker/mcp/tools.yaml", "\(name):\n  - echo\n")
      _ = try await session.waitForTools("echo") { $0 == ["echo"] }
      let failure = try await session.failure(of: "environment")
      #expect(failure != nil)
    }
  }
}
