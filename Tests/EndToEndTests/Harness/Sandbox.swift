import Foundation
import Glibc
import Synchronization
import Testing

/// A folder that is the home of one test: docker configuration, catalogs, registries and everything
/// else the gateway reads. When the test ends, it proves that nothing of it is left anywhere.
final class Sandbox: Sendable {
  let folder: String
  private let token: String
  private let serverNames = Mutex<[String]>([])
  private let children = Mutex<[ChildProcess]>([])

  fileprivate init() throws {
    token = String(UInt32.random(in: .min ... .max), radix: 36)
    folder = URL(filePath: NSTemporaryDirectory()).appending(path: "gateway-e2e-\(token)").path(
      percentEncoded: false)
    for path in ["home/.docker/mcp/catalogs", "home/.docker/cli-plugins"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(path)", withIntermediateDirectories: true)
    }
  }

  /// A server name that no other test uses, by which its containers can be told from all others.
  func name(_ stem: String) -> String {
    let name = "\(stem)-\(token)"
    watch(name)
    return name
  }

  /// Has containers of this server looked for at the end, too.
  func watch(_ name: String) { serverNames.withLock { $0.append(name) } }

  // Files

  func path(_ relative: String) -> String { "\(folder)/\(relative)" }

  @discardableResult
  func write(_ relative: String, _ text: String, mode: Int = 0o600) throws -> String {
    let path = path(relative)
    let parent = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: path))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    return path
  }

  /// Writes the default catalog and enables all its servers.
  func serve(_ entries: ServerEntry...) throws {
    try write("home/.docker/mcp/catalogs/docker-mcp.yaml", ServerEntry.catalog(entries))
    try write("home/.docker/mcp/registry.yaml", ServerEntry.registry(entries.map(\.name)))
  }

  // Programs

  var environment: [String: String] {
    var result = [
      "HOME": path("home"), "DOCKER_CONFIG": path("home/.docker"), "LANG": "C.UTF-8",
      "PATH": Machine.environment["PATH"] ?? "/usr/bin:/bin",
    ]
    result["DOCKER_HOST"] = Machine.environment["DOCKER_HOST"]
    return result
  }

  func start(_ command: [String], environment more: [String: String] = [:]) throws -> ChildProcess {
    let child = try ChildProcess(
      command, environment: environment.merging(more) { _, new in new }, folder: folder)
    children.withLock { $0.append(child) }
    return child
  }

  func gateway(_ arguments: [String], environment: [String: String] = [:]) throws -> ChildProcess {
    try start([try Machine.gateway] + arguments, environment: environment)
  }

  /// Runs a command of the gateway to its end.
  func run(
    _ arguments: String..., environment: [String: String] = [:],
    within limit: Duration = .seconds(60)
  ) async throws -> Finished {
    let child = try gateway(arguments, environment: environment)
    child.closeInput()
    return Finished(
      exit: try await child.wait(within: limit), output: child.output, errors: child.errors)
  }

  /// The gateway as a client over stdio starts it, initialized.
  func session(_ arguments: String..., environment: [String: String] = [:]) async throws
    -> RawSession
  {
    let child = try gateway(["gateway", "run"] + arguments, environment: environment)
    let session = RawSession(child)
    try await session.initialize()
    return session
  }

  /// Links the program as the docker CLI's plugin, as `make install` does.
  func installPlugin() throws {
    try FileManager.default.createSymbolicLink(
      atPath: path("home/.docker/cli-plugins/docker-mcp"), withDestinationPath: try Machine.gateway)
  }

  // The end

  fileprivate func finish() async throws {
    for child in children.withLock({ $0 }) { try await end(child) }
    for name in serverNames.withLock({ $0 }) { await expectNoContainers(of: name) }
    let left = Machine.processes(mentioning: folder)
    if !left.isEmpty {
      Issue.record("processes are left: \(left)")
      for identifier in left { kill(identifier, SIGKILL) }
    }
    try FileManager.default.removeItem(atPath: folder)
  }

  private func end(_ child: ChildProcess) async throws {
    child.closeInput()
    child.send(SIGTERM)
    do { _ = try await child.wait(within: .seconds(15)) } catch {
      Issue.record("does not end by SIGTERM: \(child.commandLine)\n\(child.errors.suffix(2000))")
      child.send(SIGKILL)
      _ = try await child.wait()
    }
  }

  /// Containers go within ten seconds; those that stay are a failure, and are removed.
  private func expectNoContainers(of server: String) async {
    do {
      try await eventually(within: .seconds(10), "end of the containers of \(server)") {
        try await Machine.containers(serving: server).isEmpty
      }
    } catch {
      let states = try? await Machine.docker(
        "ps", "--all", "--filter", "label=docker-mcp-name=\(server)", "--format",
        "{{.ID}} {{.Status}} {{.Label \"docker-mcp-gateway\"}}")
      Issue.record("\(error)\n\(states ?? "")")
      for container in (try? await Machine.containers(serving: server)) ?? [] {
        _ = try? await Machine.docker("rm", "--force", container)
      }
    }
  }
}

/// What a program that ran to its end left behind.
struct Finished: Sendable {
  let exit: ChildProcess.Exit
  let output: String
  let errors: String
}

/// Runs a test in a sandbox of its own, at most four at a time: each runs containers.
func withSandbox<Value: Sendable>(_ body: (Sandbox) async throws -> Value) async throws -> Value {
  try await Machine.images()
  await places.take()
  defer { places.give() }
  let sandbox = try Sandbox()
  let outcome: Result<Value, any Error>
  do { outcome = .success(try await body(sandbox)) } catch { outcome = .failure(error) }
  try await sandbox.finish()
  return try outcome.get()
}

private let places = Places(4)

private final class Places: Sendable {
  private let free: Mutex<Int>

  init(_ count: Int) { free = Mutex(count) }

  func take() async {
    while true {
      let got = free.withLock { free in
        guard free > 0 else { return false }
        free -= 1
        return true
      }
      if got { return }
      try? await Task.sleep(for: .milliseconds(50))
    }
  }

  func give() { free.withLock { $0 += 1 } }
}
