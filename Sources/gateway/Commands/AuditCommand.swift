import ArgumentParser
import Audit
import Gateway
import Wire

/// `audit …`: reads the record that gateways keep of every call, and proves that it is whole.
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Read and verify the record of all calls.",
    discussion: """
      EXAMPLES
        gateway audit verify                         the logs of this user
        gateway audit verify /var/log/mcp/ --key ed25519:…
        gateway audit show --decision refused --since 2026-11-22
        gateway audit tail --follow --server notes
        gateway audit stats --format json

      EXIT STATUS
        0 fine   1 a log cannot be read   2 the command line is wrong
        3 a log is not as it was written (verify)
      """,
    subcommands: [
      AuditVerifyCommand.self, AuditShowCommand.self, AuditTailCommand.self,
      AuditStatsCommand.self, AuditKeyCommand.self,
    ])
}

/// Which log.
struct LogOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A log: a file or a folder. (default: ~/.local/state/mcp-gateway/audit/log)",
      valueName: "path"))
  var path: String?

  func place() throws -> LogPlace {
    if let path { return LogPlace(path) }
    return try Self.stateFolder().logs
  }

  static func stateFolder() throws -> StateFolder {
    guard let folder = StateFolder(in: Invocation.current.surroundings) else {
      throw Problem(source: "HOME", "no home folder is known", hint: "set HOME, or name the log")
    }
    return folder
  }
}

/// Which records.
struct FilterOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Only calls of this server.", valueName: "name"))
  var server: String?
  @Option(help: ArgumentHelp("Only calls of this tool, by either name.", valueName: "name"))
  var tool: String?
  @Option(help: ArgumentHelp("Only calls of this identity.", valueName: "name"))
  var identity: String?
  @Option(help: "Only calls with this decision: allowed, refused or failed.")
  var decision: Decision?
  @Option(help: ArgumentHelp("Not before: 2026-11-22 or 2026-11-22T19:50, UTC.", valueName: "time"))
  var since: Timestamp?
  @Option(help: ArgumentHelp("Only before this time.", valueName: "time"))
  var until: Timestamp?

  enum Decision: String, CaseIterable, ExpressibleByArgument { case allowed, refused, failed }

  var filter: RecordFilter {
    var filter = RecordFilter()
    filter.server = server
    filter.tool = tool
    filter.identity = identity
    filter.decision = decision?.rawValue
    filter.since = since
    filter.until = until
    return filter
  }
}

extension Timestamp: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

/// `audit key`: what others need to verify our logs.
struct AuditKeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "Print the public key that signs this user's logs.",
    discussion: "Keep it where the gateway's user cannot write; verify takes it as --key.")

  func run() throws {
    Talk.data(try AuditKeys.readOrMake(try LogOptions.stateFolder().keys).publicText)
  }
}
