import Foundation
import Testing

/// Which image runs when a tag does not stay where it was.
@Suite struct ImageTests {
  /// A tag of the test's own that first means the test servers, and another image after `move`.
  private func withMovingTag(
    _ body: (Sandbox, _ tag: String, _ move: () async throws -> Void) async throws -> Void
  ) async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("moving")
      let tag = "mcp-gateway-test/\(name):1"
      _ = try await Machine.docker("tag", "mcp-gateway-test/servers:1", tag)
      let container = try await Machine.docker("create", tag)
      let next = "mcp-gateway-test/\(name):2"
      _ = try await Machine.docker("commit", "--change", "ENV IMAGE_MOVED=1", container, next)
      _ = try await Machine.docker("rm", container)
      let outcome: Result<Void, any Error>
      do {
        try await body(sandbox, tag) { _ = try await Machine.docker("tag", next, tag) }
        outcome = .success(())
      } catch { outcome = .failure(error) }
      // Containers of the image may still be ending.
      _ = try await Machine.docker("rmi", "--force", tag, next)
      try outcome.get()
    }
  }

  @Test func aTagThatMovesChangesNothingUntilTheFilesAreReadAgain() async throws {
    try await withMovingTag { sandbox, tag, move in
      let name = sandbox.name("everything")
      var entry = ServerEntry.everything(name)
      entry.fields["image"] = .string(tag)
      try sandbox.serve(entry)
      let session = try await sandbox.session("--warm", "0")
      _ = try await session.waitForTools("environment") { $0.contains("environment") }
      try await move()
      for _ in 0..<2 {
        #expect(try await !session.call("environment").resultText.contains("IMAGE_MOVED"))
      }
      // The same content: only the tag is another.
      try sandbox.serve(entry)
      try await eventually("the new image") {
        try await session.call("environment").resultText.contains("IMAGE_MOVED")
      }
      #expect(session.process.errors.contains("1 servers new or changed"))
    }
  }

  @Test func readingTheSameAgainLeavesSparesAlone() async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("everything")
      try sandbox.serve(.everything(name))
      let session = try await sandbox.session()
      _ = try await session.waitForTools("slow") { $0.contains("slow") }
      try await eventually("end of the one that was listed") {
        try await Machine.containers(serving: name).isEmpty
      }
      let call = try session.post("tools/call", ["name": "slow", "arguments": ["seconds": 3]])
      try await eventually("the one that is called and a spare one") {
        try await Machine.containers(serving: name).count == 2
      }
      _ = try await session.answer(to: call)
      let spare = try await eventually("the spare one alone") {
        let containers = try await Machine.containers(serving: name)
        return containers.count == 1 ? containers : nil
      }
      try sandbox.serve(.everything(name))
      try await eventually("the second reading") {
        session.process.errors.contains("> Configuration as before")
      }
      #expect(try await Machine.containers(serving: name) == spare)
    }
  }
}
