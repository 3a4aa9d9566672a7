import ArgumentParser
import Authorization
import Catalog
import OperatorFiles
import Wire

/// `token …`: bearer tokens with names, for `run --auth-tokens`.
struct TokenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Make tokens for clients that come over HTTP.",
    discussion: """
      Give every client a token of its own: its name is who calls, in policies and logs, and one \
      can be taken back without the others. The file keeps digests, never the tokens. A gateway \
      that runs with --watch, the default, reads it again when it changes.

      EXAMPLES
        gateway token create laptop --file tokens.txt
        gateway run --transport streaming --auth-tokens tokens.txt
        gateway token rm laptop --file tokens.txt
      """,
    subcommands: [Create.self, List.self, Remove.self])

  struct FileOption: ParsableArguments {
    @Option(
      help: ArgumentHelp("The file of tokens, as for run --auth-tokens.", valueName: "file"),
      completion: .file())
    var file: String

    /// Refuses a file that the gateway would refuse.
    func read() throws(Problem) -> TokenFile? {
      guard let bytes = try OwnFile.readPrivate(file, maximumBytes: TokenFile.largest) else {
        return nil
      }
      let (tokens, problems) = TokenFile.read(bytes, source: file)
      if let first = problems.first { throw first }
      return tokens
    }
  }

  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Make a token, print it once, and keep its digest.",
      discussion: """
        The token goes to stdout and is shown nowhere again. A name that has a token already gets \
        another one, and both are good: hand out the new one, then remove the name's old line.
        """)

    @Argument(help: "Who will use the token, such as laptop or alice@example.com.")
    var name: String
    @OptionGroup var option: FileOption

    func run() throws {
      let name = try TokenCommand.name(self.name)
      let token = BearerToken.random()
      let known = try option.read()?.entries.contains { $0.name == name } ?? false
      try OperatorFile(option.file).edit { bytes throws(Problem) in
        try TokenFile.adding(name, token, to: bytes, source: option.file)
      }
      Talk.data(token.secret)
      Talk.say(
        known
          ? "\(name.text) has another token now; the earlier one is good as well."
          : "This is the only time that the token of \(name.text) is shown.")
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "ls", abstract: "List the names that have a token.",
      discussion: "JSON: an array of {name, tokens}.", aliases: ["list"])

    @OptionGroup var option: FileOption
    @OptionGroup var output: FormatOptions

    func run() throws {
      let counts = Dictionary(grouping: try option.read()?.entries ?? [], by: \.name)
        .mapValues(\.count)
      let names = counts.keys.sorted()
      if names.isEmpty { Talk.say("There is no token. Make one with: token create NAME") }
      let json = JSONText(
        array: names.map {
          JSONText(object: [
            ("name", JSONText(string: $0.text)), ("tokens", JSONText(counts[$0] ?? 0)),
          ])
        })
      output.print(list: names.map(\.text), json: json)
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rm", abstract: "Take back all tokens of a name.")

    @Argument(help: "The name.") var name: String
    @OptionGroup var option: FileOption

    func run() throws {
      let name = try TokenCommand.name(self.name)
      _ = try option.read()
      let isDone = try OperatorFile(option.file).edit { bytes throws(Problem) in
        try TokenFile.removing(name, from: bytes, source: option.file)
      }
      guard isDone else { throw CommandFailure("\(name.text) has no token in \(option.file)") }
    }
  }

  private static func name(_ text: String) throws(Problem) -> TokenName {
    do throws(TokenFlaw) { return try TokenName(text) } catch {
      throw Problem(source: "name", error.message, hint: error.hint)
    }
  }
}
