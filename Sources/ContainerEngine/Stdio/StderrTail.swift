import NIOCore
import Synchronization

/// The end of what a container wrote to standard error: enough to say why it failed, and never
/// more, whatever it writes.
final class StderrTail: Sendable {
  private static let mostBytes = 16 << 10
  private static let longestLine = 4 << 10

  private struct State {
    var bytes: [UInt8] = []
    var line: [UInt8] = []
  }

  private let state = Mutex(State())
  private let onLine: (@Sendable (String) -> Void)?

  init(onLine: (@Sendable (String) -> Void)?) { self.onLine = onLine }

  var bytes: [UInt8] { state.withLock { $0.bytes.suffix(Self.mostBytes) } }

  func append(_ chunk: ByteBuffer) {
    let lines = state.withLock { state in
      state.bytes.append(contentsOf: chunk.readableBytesView.suffix(Self.mostBytes))
      // Cut at twice the size, so that the cost of cutting is spread over many bytes.
      if state.bytes.count > 2 * Self.mostBytes {
        state.bytes.removeFirst(state.bytes.count - Self.mostBytes)
      }
      return onLine == nil ? [] : Self.cutLines(chunk, &state.line)
    }
    for line in lines { onLine?(line) }
  }

  /// Hands over a last line without an end.
  func finish() {
    let line = state.withLock { state in
      defer { state.line = [] }
      return state.line
    }
    if !line.isEmpty { onLine?(Printable.text(String(decoding: line, as: UTF8.self))) }
  }

  private static func cutLines(_ chunk: ByteBuffer, _ line: inout [UInt8]) -> [String] {
    var lines: [String] = []
    for byte in chunk.readableBytesView {
      if byte == 0x0A {
        lines.append(Printable.text(String(decoding: line, as: UTF8.self)))
        line.removeAll(keepingCapacity: true)
      } else if line.count < longestLine {
        line.append(byte)
      }
    }
    return lines
  }
}
