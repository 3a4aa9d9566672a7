import Interceptors
import Wire

/// Makes what asks `exec` hooks.
public struct ExecHooks: Sendable {
  /// Processes of hooks at the same time, of all hooks; each takes memory and a thread of ours.
  static let mostRuns = 16
  /// Calls that wait for one.
  static let mostWaiting = 512

  private let variables: [String: String]
  private let workingFolder: String
  private let helper: [String]
  private let log: @Sendable (String) -> Void
  private let onErrorLine: @Sendable (_ hook: String, _ line: String) -> Void
  private let turns = Turns(ExecHooks.mostRuns, mostWaiters: ExecHooks.mostWaiting)

  /// - Parameters:
  ///   - variables: the gateway's environment; hooks get little of it.
  ///   - helper: what starts a keeper; tests are another program than the gateway.
  ///   - onErrorLine: hears what hooks write to stderr. It may be anything.
  ///   - log: writes a line for the operator.
  public init(
    variables: [String: String], workingFolder: String,
    helper: [String] = ConfinedProgram.ownHelper,
    onErrorLine: @escaping @Sendable (_ hook: String, _ line: String) -> Void,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.variables = variables
    self.workingFolder = workingFolder
    self.helper = helper
    self.onErrorLine = onErrorLine
    self.log = log
  }

  /// Starts nothing yet. Throws if there is no such program.
  public func runner(for hook: Hook) throws(Problem) -> any HookRunner {
    let places = ProgramPlaces(
      variables: variables, granted: hook.grants.readablePaths, workingFolder: workingFolder)
    let command = try ExecCommand(hook, places)
    let seconds = hook.timeout.components.seconds
    let confinement = Confinement(
      runnable: command.files + hook.grants.readablePaths, writable: hook.grants.writablePaths,
      network: hook.grants.network,
      cpuSeconds: hook.isPersistent ? nil : Int(seconds) + 1)
    let attempts = RefusedAttempts(hook.name, log)
    let program = ConfinedProgram(
      command.words, confinement,
      environment: HookEnvironment.variables(
        of: variables, searchPath: places.searchPath, granted: hook.grants.environment),
      helper: helper, onRefused: { attempts.note($0) })
    let onErrorLine: @Sendable (String) -> Void = { [onErrorLine] line in
      onErrorLine(hook.name, line)
    }
    return hook.isPersistent
      ? PersistentExecHook(program, onErrorLine)
      : SpawnedExecHook(program, turns, onErrorLine)
  }
}
