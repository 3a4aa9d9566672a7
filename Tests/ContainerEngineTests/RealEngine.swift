import Foundation
import Logging
import Testing
import Wire

@testable import ContainerEngine

/// Tests against an engine that really runs. Without one they fail: a green run has seen it.
struct RealEngine: SuiteTrait, TestScoping {
  @TaskLocal static var imageID = ""

  static let engine = Engine(.standard, logger: Logger(label: "test"))
  static let label = "mcp-gateway-engine-test"

  /// A busybox with its usual links, imported before the suite and removed after it.
  func provideScope(
    for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
  ) async throws {
    let name = try ImageReference("engine-test-\(UInt32.random(in: 0 ... .max)):busybox")
    let id = try await Self.engine.importImage(
      .bytes(try Self.busyboxTar()), as: name,
      changes: ["ENV PATH=/bin", "LABEL kind=test", "WORKDIR /work", "USER 1000"])
    do {
      try await Self.$imageID.withValue(id) { try await body() }
    } catch {
      try await Self.engine.removeImage(id, force: true)
      throw error
    }
    try await Self.engine.removeImage(id, force: true)
  }

  private static func busyboxTar() throws -> [UInt8] {
    let busybox = try Data(contentsOf: URL(fileURLWithPath: "/bin/busybox"))
    var tar = TarArchive()
    for folder in ["bin", "work", "data", "proc", "sys", "dev"] { tar.addDirectory(folder) }
    tar.addDirectory("tmp", mode: 0o1777)
    tar.addFile("bin/busybox", Array(busybox))
    for tool in ["sh", "cat", "sleep", "echo", "head", "wc", "id", "dd", "yes", "true", "touch"] {
      tar.addLink("bin/\(tool)", to: "busybox")
    }
    return tar.bytes
  }

  /// A container with a label by which a test recognises its own.
  static func spec(_ command: String..., test: String = #function) -> ContainerSpec {
    spec(command, test: test)
  }

  static func spec(_ command: [String], test: String) -> ContainerSpec {
    var spec = ContainerSpec.hardened(image: imageID, command: command, memory: 256 << 20)
    spec.labels = [label: test]
    return spec
  }

  static func remaining(_ test: String = #function) async throws -> [ContainerSummary] {
    try await engine.list(labels: [label: test])
  }

  static func launch(
    _ command: String..., test: String = #function,
    onStderrLine: (@Sendable (String) -> Void)? = nil
  ) async throws -> LaunchedContainer {
    try await LaunchedContainer.launch(
      spec(command, test: test), on: engine, onStderrLine: onStderrLine)
  }
}

extension Duration {
  var milliseconds: Double {
    Double(components.seconds) * 1e3 + Double(components.attoseconds) / 1e15
  }
}
