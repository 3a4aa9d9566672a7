import Foundation
import Glibc
import Testing

/// The record of calls, as an operator uses it.
@Suite struct AuditTests {
  private func records(_ sandbox: Sandbox, _ filter: String...) async throws -> [JSON] {
    let command = try sandbox.gateway(["audit", "show", "--format", "json"] + filter)
    command.closeInput()
    #expect(try await command.wait() == .status(0), "\(command.errors)")
    return try command.output.split(separator: "\n").map { try JSON.parse(String($0)) }
  }

  @Test func everyCallAndEveryAttemptHasARecordWithoutValues() async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("everything")
      try sandbox.serve(.everything(name, longLived: true))
      let session = try await sandbox.session("--tools", "echo,crash,fail")
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      _ = try await session.call("echo", ["text": "very private words"])
      _ = try await session.call("fail")
      _ = try await session.failure(of: "add", ["a": 1, "b": 2])
      _ = try await session.failure(of: "no\u{1B}[2J", ["text": "very private words"])
      _ = try await session.failure(of: "crash")
      #expect(try await session.end() == .status(0))

      let calls = try await records(sandbox).filter { $0["type"].string == "call" }
      #expect(calls.count == 5)
      let echo = calls[0]
      #expect(echo["server"].string == name)
      #expect(echo["target"].string == "echo")
      #expect(echo["decision"]["verdict"].string == "allowed")
      #expect(echo["caller"]["identity"].string == "local")
      #expect(echo["caller"]["client"].string == "end-to-end")
      #expect(echo["caller"]["version"].string == "1")
      #expect(echo["caller"]["transport"].string == "stdio")
      #expect(echo["image"].string?.hasPrefix("sha256:") == true)
      #expect(echo["definition"].string?.hasPrefix("sha256:") == true)
      #expect(echo["input"]["shape"].string == "{text: string(18)}")
      #expect(
        echo["steps"].array.compactMap { $0["stage"].string }
          == ["rules", "secrets", "server", "secrets"])
      #expect(calls[1]["result"]["kind"].string == "tool_error")
      #expect(calls[2]["decision"]["code"].string == "tool_disabled")
      #expect(calls[3]["decision"]["code"].string == "unusable")
      #expect(calls[4]["decision"]["verdict"].string == "failed")
      #expect(calls[4]["exit"].int == 70)
      #expect(!calls.map(\.text).joined().contains("private words"))

      let shown = try await sandbox.run("audit", "show", "--tool", "echo")
      #expect(shown.output.contains("\(name)/echo by local/end-to-end with {text: string(18)}"))
      #expect(!shown.output.contains("\u{1B}"))
      #expect(try await records(sandbox, "--decision", "refused").count == 2)
      let stats = try await sandbox.run("audit", "stats")
      #expect(stats.output.contains("all: 5 calls, 2 refused, 1 failed"))
      let verified = try await sandbox.run("audit", "verify", "--closed")
      #expect(verified.exit == .status(0), "\(verified.output)\(verified.errors)")
    }
  }

  @Test func aChangedRecordIsNamed() async throws {
    try await withSandbox { sandbox in
      try sandbox.serve(.everything(sandbox.name("everything"), longLived: true))
      let path = sandbox.path("calls.jsonl")
      let session = try await sandbox.session("--audit", path)
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      for _ in 1...3 { _ = try await session.call("echo", ["text": "hello"]) }
      #expect(try await session.end() == .status(0))
      let key = try await sandbox.run("audit", "key").output.trimmingCharacters(in: .newlines)
      #expect(
        try await sandbox.run("audit", "verify", path, "--key", key, "--closed").exit == .status(0))

      let text = try String(contentsOfFile: path, encoding: .utf8)
      var lines = text.split(separator: "\n").map(String.init)
      lines[2] = lines[2].replacing("\"local\"", with: "\"other\"")
      try sandbox.write("calls.jsonl", lines.joined(separator: "\n") + "\n")
      let verified = try await sandbox.run("audit", "verify", path)
      #expect(verified.exit == .status(3))
      #expect(verified.output.contains("\(path):3: record 3: "))
      // Who takes another key for trusted takes no signature for good.
      try sandbox.write("calls.jsonl", text)
      let stranger = "ed25519:" + String(repeating: "0", count: 64)
      let distrusted = try await sandbox.run("audit", "verify", path, "--key", stranger)
      #expect(distrusted.exit == .status(3))
    }
  }

  /// A limit on the size of files is as good as a full disk, and needs no disk to fill.
  @Test func whatCannotBeRecordedIsNotAnswered() async throws {
    try await withSandbox { sandbox in
      try sandbox.serve(.everything(sandbox.name("everything"), longLived: true))
      let path = sandbox.path("calls.jsonl")
      let session = try await sandbox.session("--audit", path, "--log-calls=false")
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      _ = try await session.call("echo", ["text": "first"])
      func limit(_ bytes: String) async throws {
        _ = try await Machine.output(
          of: ["prlimit", "--pid", "\(session.process.identifier)", "--fsize=\(bytes):unlimited"])
      }
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      try await limit("\((size ?? 0) + 100)")
      let refusal = try await session.failure(of: "echo", ["text": "second"])
      #expect(refusal?.contains("not_recorded") == true)
      #expect(refusal?.contains("second") == false)
      let next = try await session.failure(of: "echo", ["text": "third"])
      #expect(next?.contains("the call is not made") == true)
      try await limit("unlimited")
      #expect(try await session.failure(of: "echo", ["text": "fourth"]) == nil)
      #expect(session.process.errors.contains("File too large"))
      #expect(try await session.end() == .status(0))
      let verified = try await sandbox.run("audit", "verify", path, "--closed")
      #expect(verified.exit == .status(0), "\(verified.output)")
      #expect(verified.output.contains("1 calls have NO record"))
    }
  }

  @Test func aLogThatIsTakenAlreadyStopsTheStart() async throws {
    try await withSandbox { sandbox in
      try sandbox.serve(.everything(sandbox.name("everything"), longLived: true))
      let path = sandbox.path("calls.jsonl")
      let session = try await sandbox.session("--audit", path)
      let second = try await sandbox.run("run", "--audit", path)
      #expect(second.exit == .status(2))
      #expect(second.errors.contains("another gateway writes to this audit log"))
      #expect(try await session.end() == .status(0))
    }
  }

  @Test func aDryRunSaysWhereCallsWouldBeRecordedAndWritesNothing() async throws {
    try await withSandbox { sandbox in
      try sandbox.serve()
      let run = try await sandbox.run("run", "--dry-run")
      #expect(run.errors.contains("would be recorded in \(sandbox.path("home"))/.local/state"))
      #expect(!FileManager.default.fileExists(atPath: sandbox.path("home/.local")))
      let off = try await sandbox.run("run", "--dry-run", "--audit=off")
      #expect(off.errors.contains("would not be recorded"))
    }
  }

  /// A smaller form of what its page asks for; the whole takes minutes.
  @Test func aKilledGatewayHasARecordOfEveryCallThatItAnswered() async throws {
    try await withSandbox { sandbox in
      let output = try await Machine.output(
        of: [
          "python3", "\(Machine.project)/Tests/EndToEndTests/clients/killed.py",
          try Machine.gateway, sandbox.path("killed"), "--repeat", "2", "--calls", "1500",
          "--kills", "3",
        ], within: .seconds(300))
      #expect(output.split(separator: "\n").count == 2, "\(output)")
    }
  }
}
