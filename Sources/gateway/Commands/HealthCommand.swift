import ArgumentParser
import Gateway
import Wire

/// `health`: for health checks of containers, whose image has no shell and no HTTP client.
struct HealthCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "health", abstract: "Ask a running gateway whether it is ready.",
    discussion: """
      Exits 0 if it is, 1 if it is not or does not answer within 5 seconds.

      EXAMPLE
        gateway health --url http://127.0.0.1:8811/health
      """,
    shouldDisplay: false)

  @Option(help: ArgumentHelp("Where the gateway answers.", valueName: "url"))
  var url = "http://127.0.0.1:8811/health"

  func run() async throws {
    if let reason = await HealthCheck.failure(url) { throw CommandFailure(reason) }
  }
}
