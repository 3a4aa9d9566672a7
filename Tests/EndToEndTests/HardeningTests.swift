import Foundation
import Testing

/// What the process keeps to itself, seen from outside.
@Suite struct HardeningTests {
  @Test func aCrashLeavesNeitherCoreNorReport() async throws {
    try await withSandbox { sandbox in
      let session = try await sandbox.session(environment: ["SWIFT_BACKTRACE": "enable=yes"])
      let process = "/proc/\(session.process.identifier)"
      let limits = try String(contentsOfFile: process + "/limits", encoding: .utf8)
      let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
      #expect(core?.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"])
      session.process.send(SIGSEGV)
      #expect(try await session.process.wait() == .signal(SIGSEGV))
      let errors = session.process.errors
      #expect(!errors.contains("crashed") && !errors.contains("Backtrac"), "\(errors)")
      let files = try FileManager.default.contentsOfDirectory(atPath: sandbox.folder)
      #expect(files == ["home"])
    }
  }

  /// Neither `docker` nor a shell: the engine is spoken to over its socket.
  @Test func noProgramIsStarted() async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("everything")
      try sandbox.serve(.everything(name))
      for program in ["docker", "sh", "bash", "env", "docker-credential-test"] {
        try sandbox.write(
          "bin/\(program)", "#!/bin/bash\n/usr/bin/touch \(sandbox.path("ran-\(program)"))\n",
          mode: 0o755)
      }
      let program = try Machine.gateway
      let path = sandbox.path("bin") + ":" + (Machine.environment["PATH"] ?? "/usr/bin:/bin")
      let session = RawSession(
        try sandbox.start(["/usr/bin/env", "PATH=\(path)", program, "gateway", "run"]))
      try await session.initialize()
      _ = try await session.waitForTools("slow") { $0.contains("slow") }
      let call = try session.post("tools/call", ["name": "slow", "arguments": ["seconds": 1]])
      let tasks = "/proc/\(session.process.identifier)/task"
      var looked = 0
      for task in try FileManager.default.contentsOfDirectory(atPath: tasks) {
        // A thread may have ended since.
        let file = "\(tasks)/\(task)/children"
        guard let children = try? String(contentsOfFile: file, encoding: .utf8) else { continue }
        looked += 1
        #expect(children == "")
      }
      #expect(looked > 0)
      _ = try await session.answer(to: call)
      let ran = try FileManager.default.contentsOfDirectory(atPath: sandbox.folder)
        .filter { $0.hasPrefix("ran-") }
      #expect(ran.isEmpty)
    }
  }
}
