import ArgumentParser
import Gateway
import Glibc
import Wire

extension ToolsCommand {
  /// `tools call NAME …`: one call through everything a client's call would pass.
  struct Call: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "call", abstract: "Call a tool.",
      discussion: """
        Arguments are KEY=VALUE; a value becomes a number or truth value where the tool's schema \
        asks for one, a key given twice becomes an array, a key alone is null. --args takes them \
        all as one JSON object. Exit status 1 if the tool says that it failed.

        JSON: the result as MCP describes it.
        """)

    @Argument(help: "Name of the tool.") var name: String
    @Argument(help: "Arguments as KEY=VALUE.") var arguments: [String] = []
    @Option(help: ArgumentHelp("Arguments as a JSON object.", valueName: "json")) var args: String?
    @OptionGroup var output: FormatOptions
    @OptionGroup var gateway: OneShotOptions

    func run() async throws {
      let words = try CallArguments(words: arguments, json: args)
      let start = ContinuousClock.now
      let name = name
      let result = try await gateway.withGateway(recordsCalls: true) { gateway in
        let tools = try await gateway.listTools()
        let schema = tools.first { $0.toolName == name }?["inputSchema"]
        return try await gateway.call(name, arguments: words.object(for: schema))
      }
      Talk.say("Took \(start.duration(to: .now).formatted)")
      switch output.format {
      case .json: Talk.data(result.text.description)
      // A program behind a pipe gets the text as the server gave it; a terminal would obey it.
      case .list:
        for line in result.text.contentLines { Talk.data(isatty(1) == 1 ? line.printable : line) }
      }
      if result.isError { throw CommandFailure(silently: ExitCode.runtimeFailure.rawValue) }
    }
  }
}

extension Duration {
  fileprivate var formatted: String {
    let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    return "\(milliseconds) ms"
  }
}

extension JSONText {
  /// The content of a result for people: texts as they are, of the rest what it is.
  fileprivate var contentLines: [String] {
    let content = self["content"]?.elements ?? []
    if content.isEmpty, let structured = self["structuredContent"] {
      return [structured.description]
    }
    return content.flatMap { part -> [String] in
      guard let text = part["text"]?.string else {
        return ["[\(part["type"]?.string ?? "content")]"]
      }
      return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
  }
}
