import ContainerEngine
import Wire

/// MCP over the standard input and output of a container.
final class ContainerChannel: MessageChannel {
  /// How long a container may take to end by itself once its input is closed.
  private static let grace = Duration.seconds(1)

  let incoming: AsyncThrowingStream<IncomingMessage, any Error>
  private let container: LaunchedContainer
  private let server: String

  init(_ container: LaunchedContainer, server: String) {
    self.container = container
    self.server = server
    let lines = container.attachment.lines(maximum: JSONLimits.fromServer.maximumBytes)
    incoming = AsyncThrowingStream {
      try await Self.next(of: lines, server).map { IncomingMessage($0) }
    }
  }

  /// The next line; what goes wrong is told as a fault of the server. The reading position is the
  /// container's, not the iterator's.
  private static func next(of lines: ContainerLines, _ server: String) async throws -> [UInt8]? {
    let iterator = lines.makeAsyncIterator()
    do { return try await iterator.next() } catch let error as EngineError {
      throw error.kind == .tooLarge
        ? Fault(
          .tooLarge, from: .server,
          "\(server) sent a message of more than \(JSONLimits.fromServer.maximumBytes) bytes")
        : Fault(.serverGone, from: .engine, "\(server): \(error.message)")
    }
  }

  func send(_ message: [UInt8]) async throws {
    do { try await container.attachment.writeLine(message) } catch is CancellationError {
      throw Fault(.cancelled, from: .client, "the call was cancelled")
    } catch {
      throw Fault(.serverGone, from: .server, "\(server) does not take messages any more")
    }
  }

  func sendNow(_ message: [UInt8]) -> Bool {
    // A container that is gone is reported by `send`, which is tried next.
    (try? container.attachment.writeLineNow(message)) ?? false
  }

  func diagnosis() async -> String {
    await ContainerDiagnosis.text(container, waiting: .milliseconds(500))
  }

  var image: String? { container.image }

  func exitCode() async -> Int? {
    await container.exit(within: .zero).map { Int($0.code) }
  }

  func close() async { await container.terminate(grace: Self.grace) }

  func abort() async { await container.terminate() }
}

/// What the end of a container tells a person.
enum ContainerDiagnosis {
  private static let longestQuotation = 600

  static func text(_ container: LaunchedContainer, waiting limit: Duration) async -> String {
    let exit = await container.exit(within: limit)
    return [exit.map(Self.text), quotation(container)].compactMap(\.self).joined(separator: "; ")
  }

  private static func text(_ exit: ContainerExit) -> String {
    if let error = exit.error, !error.isEmpty { return "\(PrintableText(error))" }
    return exit.wasKilled
      ? "it was killed (exit code 137), perhaps for using more memory than --memory allows"
      : "it exited with code \(exit.code)"
  }

  /// The end of what it wrote to stderr, on one line; nil if that is nothing.
  static func quotation(_ container: LaunchedContainer) -> String? {
    let lines = container.attachment.stderrTail.split(separator: UInt8(ascii: "\n")).filter {
      line in
      line.contains { $0 > 0x20 }
    }
    guard !lines.isEmpty else { return nil }
    let text = lines.suffix(20).map { String(decoding: $0, as: UTF8.self) }.joined(separator: " | ")
    return "stderr: \(PrintableText(text, limit: longestQuotation, keeping: .end))"
  }
}
