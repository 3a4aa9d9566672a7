import Synchronization
import Wire

/// From which level on a server was told to log.
final class ToldLogLevel: Sendable {
  private let level = Mutex<LogLevel?>(nil)

  /// False if it was told already.
  func change(to new: LogLevel) -> Bool {
    level.withLock { level in
      defer { level = new }
      return level != new
    }
  }
}

extension LiveServer {
  /// A server that does not obey in this time logs as it likes; what a client does not want is left
  /// out anyway.
  private static let patience = Duration.seconds(5)

  /// Tells the server what its client wants to hear. Nil: the client has not said.
  func setLogLevel(_ level: LogLevel?) async {
    guard let level, hello.offers("logging"), toldLogLevel.change(to: level) else { return }
    let params = JSONText(object: [("level", JSONText(string: level.rawValue))])
    _ = try? await connection.request("logging/setLevel", params, within: Self.patience)
  }
}
