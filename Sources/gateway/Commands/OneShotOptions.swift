import ArgumentParser
import Gateway
import Wire

/// A gateway for one command, with the flags of `gateway run`.
struct OneShotOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A flag of gateway run; repeatable. Not together with its flags.", valueName: "flag"))
  var gatewayArg: [String] = []
  @OptionGroup var options: RunOptions

  func listTools() async throws -> [JSONText] {
    try await withGateway { try await $0.listTools() }
  }

  func withGateway<Value: Sendable>(
    recordsCalls: Bool = false, _ body: @Sendable (OneShot) async throws -> Value
  ) async throws -> Value {
    let invocation = Invocation.current
    var settings = try invocation.settings(effectiveOptions())
    settings.watch = false
    return try await ToolCommands.withGateway(
      settings, environment: try invocation.environment(), recordsCalls: recordsCalls, body)
  }

  private func effectiveOptions() throws -> RunOptions {
    guard !gatewayArg.isEmpty else { return options }
    let normalized = CommandFlags.all.normalize(gatewayArg)
    try CommandFailure.check(normalized.problems)
    do {
      return try RunOptions.parse(normalized.words)
    } catch {
      throw CommandFailure(
        "--gateway-arg: \(RunOptions.message(for: error))", .usageOrConfiguration)
    }
  }
}
