import Dispatch
import Interceptors

/// An `exec` hook whose program is started for each call.
final class SpawnedExecHook: HookRunner {
  private let program: ConfinedProgram
  private let turns: Turns
  private let onErrorLine: @Sendable (String) -> Void

  init(
    _ program: ConfinedProgram, _ turns: Turns, _ onErrorLine: @escaping @Sendable (String) -> Void
  ) {
    self.program = program
    self.turns = turns
    self.onErrorLine = onErrorLine
  }

  func run(_ request: HookRequest) async throws(HookFailure) -> [UInt8] {
    try await turns.take(until: request.deadline)
    defer { turns.give() }
    let bell: Bell
    do throws(SandboxProblem) { bell = try Bell() } catch { throw HookFailure(error) }
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        // A thread for each run: waiting for a process must block none that carries calls. Serial
        // queues get one however many others wait, which a concurrent one does not.
        DispatchQueue(label: "exec hook").async { [self] in
          continuation.resume(returning: perform(request, bell))
        }
      }
    } onCancel: {
      bell.ring()
    }
    return try outcome.get()
  }

  private func perform(_ request: HookRequest, _ bell: Bell) -> Result<[UInt8], HookFailure> {
    Result { () throws(HookFailure) in
      let run: ConfinedRun
      do throws(SandboxProblem) { run = try program.start() } catch { throw HookFailure(error) }
      return try OneShotExchange(
        run: run, request: request, cancellation: bell.descriptor, onErrorLine: onErrorLine
      ).perform()
    }
  }

  func close() async { await program.close() }
}

extension HookFailure {
  init(_ problem: SandboxProblem) {
    self.init(.cannotStart, "could not be started in its sandbox", detail: problem.description)
  }
}
