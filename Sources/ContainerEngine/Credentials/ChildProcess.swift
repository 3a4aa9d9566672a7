import FoundationEssentials
import NIOPosix

/// Runs a small program to its end: input given beforehand, output bounded, killed when its time is
/// up, always reaped. On the pool for blocking work.
enum ChildProcess {
  struct Outcome: Sendable {
    let exitCode: Int
    let output: [UInt8]
  }

  private static let mostOutput = 1 << 20
  /// What a pipe takes without a reader; the child may never read.
  private static let mostInput = 4096

  static func run(
    _ program: String, _ arguments: [String], input: [UInt8], environment: [String: String],
    timeout: Duration, _ operation: String
  ) async throws -> Outcome {
    guard let path = find(program, in: environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin") else {
      throw EngineError(
        .notFound, operation, "\(program) is not in PATH",
        hint: "install it, or remove it from the docker configuration")
    }
    guard input.count <= mostInput else {
      throw EngineError(.tooLarge, operation, "the input of \(program) is too long")
    }
    return try await NIOThreadPool.singleton.runIfActive {
      do throws(ChildFailure) {
        return try runBlocking([path] + arguments, input, environment, timeout)
      } catch { throw error.explained(operation, timeout) }
    }
  }

  private static func find(_ program: String, in searchPath: String) -> String? {
    searchPath.split(separator: ":").lazy.filter { $0.hasPrefix("/") }
      .map { "\($0)/\(program)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  private static func runBlocking(
    _ command: [String], _ input: [UInt8], _ environment: [String: String], _ timeout: Duration
  ) throws(ChildFailure) -> Outcome {
    let deadline = ContinuousClock.now + timeout
    let child = try SpawnedChild(command, input: input, environment: environment)
    do {
      let output = try child.readOutput(upTo: mostOutput, deadline: deadline)
      return Outcome(exitCode: try child.waitForExit(deadline: deadline), output: output)
    } catch {
      child.killAndReap()
      throw error
    }
  }
}

/// Why a program could not be run to its end.
enum ChildFailure: Error {
  case system(StaticString, CInt)
  case timeout
  case tooMuchOutput

  func explained(_ operation: String, _ timeout: Duration) -> EngineError {
    switch self {
    case .system(let call, let code):
      EngineError(.failed, operation, "\(call) failed (errno \(code))")
    case .timeout: EngineError(.timeout, operation, "it did not end within \(timeout)")
    case .tooMuchOutput: EngineError(.tooLarge, operation, "it printed more than is allowed")
    }
  }
}
