import Foundation
import Interceptors
import Synchronization
import Testing
import Wire

@testable import Sandbox

/// A folder and the log of the hooks that a test runs.
final class Workbench: Sendable {
  /// The program that keepers are made of: the one that is built beside the tests.
  static let helper = [
    URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../.build/debug/gateway"
    )
    .standardizedFileURL.path(percentEncoded: false), Keeper.word,
  ]

  let folder: String
  private let lines = Mutex<[String]>([])

  init() throws {
    // As the gateway does: a hook that does not read must not end its caller.
    signal(SIGPIPE, SIG_IGN)
    folder = URL(filePath: NSTemporaryDirectory())
      .appending(path: "sandbox-\(UInt32.random(in: .min ... .max))").path(percentEncoded: false)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var log: [String] { lines.withLock { $0 } }

  func path(_ name: String) -> String { "\(folder)/\(name)" }

  @discardableResult
  func write(_ name: String, _ text: String, mode: Int = 0o700) throws -> String {
    try Data(text.utf8).write(to: URL(filePath: path(name)))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path(name))
    return path(name)
  }

  func runner(
    _ line: String, command: [String]? = nil, persistent: Bool = false,
    grants: HookGrants = HookGrants(), variables: [String: String] = [:],
    timeout: Duration = .seconds(20)
  ) throws -> any HookRunner {
    let environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder]
    let hooks = ExecHooks(
      variables: environment.merging(variables) { _, new in new }, workingFolder: "/",
      helper: Self.helper,
      onErrorLine: { [self] _, line in lines.withLock { $0.append(line) } },
      log: { [self] line in lines.withLock { $0.append(line) } })
    return try hooks.runner(
      for: Hook(
        name: "h", spec: HookSpec(.before, .exec, line), timeout: timeout, grants: grants,
        command: command, isPersistent: persistent))
  }

  /// Runs a hook once.
  func run(
    _ line: String, message: String = "{}", grants: HookGrants = HookGrants(),
    variables: [String: String] = [:], timeout: Duration = .seconds(20)
  ) async throws -> String {
    let runner = try runner(line, grants: grants, variables: variables, timeout: timeout)
    let outcome: Result<String, any Error>
    do { outcome = .success(try await runner.ask(message, within: timeout)) } catch {
      outcome = .failure(error)
    }
    await runner.close()
    return try outcome.get()
  }

  /// Waits for what another process does a moment later.
  func eventually(_ condition: () -> Bool) async throws -> Bool {
    for _ in 0..<500 {
      if condition() { return true }
      try await Task.sleep(for: .milliseconds(20))
    }
    return condition()
  }
}

extension HookRunner {
  func ask(_ message: String, within limit: Duration = .seconds(20)) async throws -> String {
    let request = HookRequest(
      message: try JSONText(validating: message, limits: .fromServer), callID: "1",
      deadline: .now + limit)
    return String(decoding: try await run(request), as: UTF8.self)
  }
}

/// Processes whose command line holds a word, other than keepers, which are told what to run.
func programs(mentioning word: String) -> [String] {
  let keepers = Set(processes(mentioning: Keeper.word))
  return processes(mentioning: word).filter { !keepers.contains($0) }
}

/// Processes whose command line holds a word.
func processes(mentioning word: String) -> [String] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
  return names.filter { Int($0) != nil }.filter { name in
    let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") ?? Data()
    return String(decoding: line, as: UTF8.self).contains(word)
  }
}

/// Children of the test's process that have ended and were not taken.
func zombies() -> [String] {
  let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
  return names.filter { Int($0) != nil }.filter { name in
    let text = String(
      decoding: FileManager.default.contents(atPath: "/proc/\(name)/stat") ?? Data(), as: UTF8.self)
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    return fields.count > 1 && fields[0] == "Z" && fields[1] == "\(getpid())"
  }
}
