import ArgumentParser
import FoundationEssentials
import Gateway
import Policy
import Wire

/// `policy …`: helps to write policy files; `run --policy` enforces them.
struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Check policy files before they are used.",
    subcommands: [PolicyCheckCommand.self, PolicySchemaCommand.self])
}

/// `policy check`: what a run would say of the files, without one.
struct PolicyCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Read policy files and say what is wrong with them.",
    discussion: """
      Every problem is told as FILE:LINE:COLUMN. Exit code 2 when something is wrong. What files \
      only name (keys, certificates, images) is looked for by run --dry-run.
      """, aliases: ["lint"])

  @Argument(
    help: ArgumentHelp("Policy files and folders, in the order of --policy.", valueName: "path"),
    completion: .file())
  var paths: [String]

  func run() throws {
    let files = PolicyFiles(paths, from: FileManager.default.currentDirectoryPath)
    try CommandFailure.check(files.problems)
    Talk.data("good: \(files.count) files, \(files.set.hooks.count) hooks")
  }
}

/// `policy schema`: for editors.
struct PolicySchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON Schema of policy files, for editors.",
    discussion: """
      EXAMPLE
        gateway policy schema > policy.schema.json
        # yaml-language-server: $schema=policy.schema.json   (first line of a policy file)
      """)

  func run() { Talk.data(PolicySchema.text) }
}
