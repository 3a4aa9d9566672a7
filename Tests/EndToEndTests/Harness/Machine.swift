import Foundation

/// What the tests find on this machine: the project, the built program, the engine, the clients.
enum Machine {
  struct NotReady: Error, CustomStringConvertible {
    let description: String
  }

  static let project = folder(above: #filePath, levels: 4)

  private static func folder(above path: String, levels: Int) -> String {
    URL(filePath: path).resolvingSymlinksInPath().pathComponents.dropFirst().dropLast(levels)
      .reduce(into: "") { $0 += "/" + $1 }
  }

  static let environment = ProcessInfo.processInfo.environment

  /// The program under test: built beside this test bundle, unless `GATEWAY` names another, as for
  /// a run of the tests against a release build.
  static var gateway: String {
    get throws {
      let beside = folder(above: CommandLine.arguments[0], levels: 1)
      let places = [
        environment["GATEWAY"], beside + "/gateway", project + "/.build/debug/gateway",
      ]
      let found = places.compactMap { $0 }.first {
        FileManager.default.isExecutableFile(atPath: $0)
      }
      guard let found else {
        throw NotReady(description: "the program is not built: run 'swift build'")
      }
      return found
    }
  }

  /// The images, made once per run of the tests. Fails, never skips, when there is no engine.
  static func images() async throws { _ = try await builtImages.value }

  private static let builtImages = Task { try await script("images") }

  /// The Python interpreter that has the public client of this major version.
  static func python(client major: Int) async throws -> String {
    try await (major == 1 ? clientOne : clientTwo).value
  }

  /// The path of a registry server for images.
  static func registryProgram() async throws -> String { try await registry.value }

  private static let registry = Task { try await script("registry") }
  private static let clientOne = Task { try await script("venv", "1") }
  private static let clientTwo = Task { try await script("venv", "2") }

  private static func script(_ name: String, _ arguments: String...) async throws -> String {
    let command = ["\(project)/scripts/\(name)"] + arguments
    let run = try await output(of: command, within: .seconds(900))
    return run.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Standard output of a program of this machine (not the gateway) that is expected to succeed.
  static func output(of command: [String], within limit: Duration = .seconds(60)) async throws
    -> String
  {
    let child = try ChildProcess(command, environment: environment, folder: project)
    child.closeInput()
    let exit: ChildProcess.Exit
    do { exit = try await child.wait(within: limit) } catch {
      // Nobody else would end it.
      child.send(SIGTERM)
      throw error
    }
    guard exit == .status(0) else {
      throw NotReady(description: "\(child.commandLine) failed:\n\(child.errors)")
    }
    return child.output
  }

  static func docker(_ arguments: String...) async throws -> String {
    try await output(of: ["docker"] + arguments)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Identifiers of the containers, running or not, that serve this server.
  static func containers(serving server: String) async throws -> [String] {
    try await docker("ps", "--all", "--quiet", "--filter", "label=docker-mcp-name=\(server)")
      .split(separator: "\n").map(String.init)
  }

  /// Identifiers of processes that carry the text in their command line or, unless only that is
  /// asked for, in their environment.
  static func processes(
    mentioning text: String, in files: [String] = ["cmdline", "environ"]
  ) -> [pid_t] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.compactMap { pid_t($0) }.filter { identifier in
      guard identifier != getpid() else { return false }
      return files.contains { name in
        guard let data = FileManager.default.contents(atPath: "/proc/\(identifier)/\(name)") else {
          return false
        }
        return data.range(of: Data(text.utf8)) != nil
      }
    }
  }

  /// A TCP port that nobody listens on now.
  static func freePort() throws -> Int {
    let (descriptor, port) = try boundSocket()
    close(descriptor)
    return port
  }

  /// A socket on a port of its own on loopback. The caller closes it.
  ///
  /// Not one of those that the system gives to outgoing connections: a port that was free a moment
  /// ago would be taken by one of the many that run beside this.
  fileprivate static func boundSocket() throws -> (descriptor: Int32, port: Int) {
    for _ in 0..<100 {
      if let bound = boundSocket(at: UInt16.random(in: 20_000..<32_000)) { return bound }
    }
    throw NotReady(description: "no free TCP port: \(explained(errno))")
  }

  private static func boundSocket(at port: UInt16) -> (descriptor: Int32, port: Int)? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    address.sin_port = in_port_t(port.bigEndian)
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0
      }
    }
    guard bound else {
      close(descriptor)
      return nil
    }
    return (descriptor, Int(port))
  }
}

/// A port that takes connections and says nothing on them.
final class SilentListener: Sendable {
  let port: Int
  private let descriptor: Int32

  init() throws {
    (descriptor, port) = try Machine.boundSocket()
    guard listen(descriptor, 16) == 0 else {
      throw Machine.NotReady(description: "cannot listen: \(explained(errno))")
    }
  }

  deinit { close(descriptor) }
}
