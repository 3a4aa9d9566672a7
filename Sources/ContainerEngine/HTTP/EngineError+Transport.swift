import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

extension EngineError {
  /// What a failure of the connection means to an operator.
  static func transport(_ operation: String, _ error: any Error) -> any Error {
    switch error {
    case is EngineError, is CancellationError: return error
    case let parsing as HTTPParserError:
      return EngineError(.malformed, operation, "the engine's answer is not HTTP: \(parsing)")
    case let failure as IOError: return unreachable(operation, errno: failure.errnoCode)
    case let failure as NIOConnectionError:
      let cause = failure.connectionErrors.first?.error as? IOError
      return cause.map { unreachable(operation, errno: $0.errnoCode) }
        ?? EngineError(
          .unreachable, operation, "\(failure.host) cannot be reached", hint: isItRunning)
    default:
      return EngineError(.unreachable, operation, "the connection to the engine broke: \(error)")
    }
  }

  static func timeout(_ operation: String, _ limit: TimeAmount) -> EngineError {
    let seconds = Double(limit.nanoseconds) / 1e9
    return EngineError(.timeout, operation, "no answer from the engine within \(seconds) seconds")
  }

  private static let isItRunning = "is the engine running? Start it, or set DOCKER_HOST"

  private static func unreachable(_ operation: String, errno code: CInt) -> EngineError {
    switch code {
    case EPERM, EACCES:
      EngineError(
        .unreachable, operation, "permission denied at the engine's socket",
        hint: "add this user to the docker group and log in again")
    case ENOENT:
      EngineError(.unreachable, operation, "the engine's socket does not exist", hint: isItRunning)
    case ECONNREFUSED:
      EngineError(
        .unreachable, operation, "nobody listens at the engine's address", hint: isItRunning)
    default:
      EngineError(.unreachable, operation, "the connection to the engine broke (errno \(code))")
    }
  }
}
