import ArgumentParser
import Wire

/// `doctor`: what is missing, and how to get it.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Say what is missing or wrong, and how to mend it.",
    discussion: """
      Exit status 1 if something fails; warnings are for what works less well without.

      JSON: an array of {name, status, detail, fix}; status is ok, warn or fail.
      """)

  @OptionGroup var output: FormatOptions

  func run() async throws {
    let invocation = Invocation.current
    let home = try invocation.home()
    let engine = EngineCheck(
      surroundings: invocation.surroundings,
      configurationFolder: try invocation.dockerConfigFolder())
    let files = FileCheck(mcpFolder: home.mcpFolder, store: try invocation.secretStore())
    let machine = MachineCheck(
      home: home, dockerConfigFolder: try invocation.dockerConfigFolder(),
      searchPath: invocation.searchPath)
    let findings = await engine.findings() + files.findings() + machine.findings()
    switch output.format {
    case .list:
      let style = Style(descriptor: 1)
      for line in findings.flatMap({ $0.lines(style) }) { Talk.data(line) }
    case .json: Talk.data(JSONText(array: findings.map(\.json)).description)
    }
    if findings.contains(where: { $0.status == .fail }) {
      throw CommandFailure(silently: ExitCode.runtimeFailure.rawValue)
    }
  }
}
