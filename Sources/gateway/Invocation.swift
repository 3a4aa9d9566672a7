import ArgumentParser
import Gateway
import Glibc
import OperatorFiles
import Wire

/// One start of the program: its words, and what surrounds it. Commands find it in ``current``.
struct Invocation: Sendable {
  @TaskLocal static var current = Invocation([], isPlugin: false)

  let isPlugin: Bool
  let words: [String]
  let surroundings: Surroundings
  private let problems: [Problem]

  init(_ arguments: [String], isPlugin: Bool) {
    let plugin = PluginArguments(arguments)
    self.isPlugin = isPlugin
    words = plugin.words
    surroundings = Inheritance.surroundings(docker: plugin.docker)
    problems = plugin.problems
  }

  /// Runs the command that the words name and returns the exit status.
  func run() async -> Int32 {
    let root: any ParsableCommand.Type = isPlugin ? DockerMCP.self : GatewayProgram.self
    do {
      try CommandFailure.check(problems)
      let normalized = CommandFlags.all.normalize(words)
      try CommandFailure.check(normalized.problems)
      try await Self.$current.withValue(self) { try await Self.perform(normalized.words, of: root) }
      return ExitCode.fine.rawValue
    } catch {
      return report(error, of: root)
    }
  }

  /// A parsed command is no Sendable value, so it is made where it runs.
  @concurrent private static func perform(
    _ words: [String], of root: any ParsableCommand.Type
  ) async throws {
    var command = try root.parseAsRoot(words)
    guard var waiting = command as? any AsyncParsableCommand else { return try command.run() }
    try await waiting.run()
  }

  private func report(_ error: any Error, of root: any ParsableCommand.Type) -> Int32 {
    switch error {
    case let failure as CommandFailure: return failure.report()
    case let problem as Problem: return CommandFailure([problem]).report()
    case let fault as Fault:
      return CommandFailure(fault.message.printable).report()
    case let refusal as Refusal:
      return CommandFailure("refused: \(refusal.message.printable)").report()
    case let error as RPCError:
      return CommandFailure(error.message.printable).report()
    case is CancellationError:
      return ExitCode.runtimeFailure.rawValue
    default: return reportParsing(error, of: root)
    }
  }

  /// `--help` and `--version` arrive as errors too: their text is data.
  private func reportParsing(_ error: any Error, of root: any ParsableCommand.Type) -> Int32 {
    let text = root.fullMessage(for: error)
    guard root.exitCode(for: error) == .success else {
      Talk.say(text)
      return ExitCode.usageOrConfiguration.rawValue
    }
    Talk.data(text)
    return ExitCode.fine.rawValue
  }
}

extension Invocation {
  /// The settings that `flags` and the environment make, after all problems were told.
  func settings(_ flags: some RunFlags) throws -> Settings {
    let (settings, problems) = SettingsReader.read(flags, in: surroundings)
    try CommandFailure.check(problems)
    return settings
  }

  func environment() throws -> RunEnvironment {
    RunEnvironment(
      variables: surroundings.variables, secretStore: try secretStore(),
      parentGone: PluginParent.gone(surroundings.variables), talksToPeople: isatty(2) == 1)
  }
}
