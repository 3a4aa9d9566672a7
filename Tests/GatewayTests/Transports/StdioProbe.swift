import Foundation
import Gateway
import Wire

/// A client on the other side of two pipes.
final class StdioProbe: Sendable {
  let session: ScriptedSession
  let toGateway: Int32
  let fromGateway: Int32
  let run: Task<StdioTransport.Ending, Never>

  init(
    session: ScriptedSession = ScriptedSession(), outputFlags: Int32 = 0,
    _ adjust: (inout StdioTransport) -> Void = { _ in }
  ) {
    var input: [Int32] = [0, 0]
    var output: [Int32] = [0, 0]
    precondition(pipe(&input) == 0 && pipe(&output) == 0)
    _ = fcntl(output[1], F_SETFL, outputFlags)
    var transport = StdioTransport(input: input[0], output: output[1])
    adjust(&transport)
    let (read, write) = (input[0], output[1])
    self.session = session
    toGateway = input[1]
    fromGateway = output[0]
    run = Task { [transport] in
      let ending = await transport.run(session)
      close(read)
      close(write)
      return ending
    }
  }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { write(toGateway, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      sent += count
    }
  }

  func request(_ id: Int, _ method: String, _ params: String = "{}") {
    send(#"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params)}"# + "\n")
  }

  /// The next `count` lines, read on a thread of their own.
  func lines(_ count: Int) async -> [String] {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [fromGateway] in
        var lines: [String] = []
        var pending: [UInt8] = []
        var byte: UInt8 = 0
        while lines.count < count, read(fromGateway, &byte, 1) == 1 {
          if byte == 10 {
            lines.append(String(decoding: pending, as: UTF8.self))
            pending = []
          } else {
            pending.append(byte)
          }
        }
        continuation.resume(returning: lines)
      }
    }
  }

  func closeInput() { close(toGateway) }

  /// Closes what is open and waits for the end.
  func finish() async -> StdioTransport.Ending {
    closeInput()
    let ending = await run.value
    close(fromGateway)
    return ending
  }
}
