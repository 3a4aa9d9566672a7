import Interceptors

/// An `exec` hook whose program is started once. Its line ends with it, which is when the last call of
/// a plan that has been replaced is over.
final class PersistentExecHook: HookRunner {
  private let line: PersistentLine

  init(_ program: ConfinedProgram, _ onErrorLine: @escaping @Sendable (String) -> Void) {
    line = PersistentLine(program, onErrorLine)
  }

  deinit { line.beginEnding() }

  func run(_ request: HookRequest) async throws(HookFailure) -> [UInt8] {
    try await line.run(request)
  }

  func close() async { await line.close() }
}
