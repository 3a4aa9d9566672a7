import ArgumentParser
import FoundationEssentials
import Gateway
import Interceptors
import Wire

/// `interceptor …`: helps to write hooks; `run --interceptor` and `run --policy` use them.
struct InterceptorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interceptor", abstract: "Try hooks before they judge calls.",
    subcommands: [InterceptorTestCommand.self, InterceptorSchemaCommand.self])
}

/// `interceptor schema`: what hooks read and write.
struct InterceptorSchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the JSON Schema of what hooks get, or of what they say.",
    discussion: """
      EXAMPLE
        gateway interceptor schema input > hook-input.schema.json
        gateway interceptor schema output > hook-output.schema.json
      """)

  @Argument(
    help: ArgumentHelp(
      "input: what a hook is shown; output: what it may answer.", valueName: "direction"))
  var direction: HookSchema = .input

  func run() { Talk.data(direction.text) }
}

extension HookSchema: ExpressibleByArgument {}

/// `interceptor test`: one hook, one call.
struct InterceptorTestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Run one hook on a sample call and say what it did.",
    discussion: """
      The call goes the way of all calls, except that no server is asked: the secrets scanner looks \
      at it, the hook is confined, and what it says is checked. Its stderr is shown. Exit status 1 \
      if the hook failed, 0 also if it denied the call.

      JSON: {decision, ms, server, client, refusal}.

      EXAMPLES
        gateway interceptor test 'before:exec:jq -e .params.arguments.path >&2'
        gateway interceptor test after:http:http://127.0.0.1:9500/scrub --result result.json
        gateway interceptor test --policy policy.yaml only-working-hours --call call.json
      """)

  @Argument(
    help: ArgumentHelp(
      "The hook as for --interceptor, or with --policy its name.", valueName: "spec"))
  var spec: String

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "A policy file, or a folder of them, that has the hook; repeatable.", valueName: "path"),
    completion: .file())
  var policy: [String] = []

  @Option(
    help: ArgumentHelp(
      "A JSON file with a call's params, or with server, method and params.", valueName: "file"),
    completion: .file())
  var call: String?

  @Option(
    help: ArgumentHelp("A JSON file with a server's result.", valueName: "file"),
    completion: .file())
  var result: String?

  @Flag(help: "The program answers one line for each call, as persistent hooks of policies do.")
  var persistent = false

  @Flag(help: "Verify the signatures of the image of a docker hook, as run does.")
  var verifySignatures = false

  @Option(
    help: ArgumentHelp(
      "With --verify-signatures: the policy, a file or system.", valueName: "file"),
    completion: .file())
  var signaturePolicy: String?

  @OptionGroup var output: FormatOptions

  func run() async throws {
    let invocation = Invocation.current
    let settings = try invocation.settings(
      try RunOptions.parse(
        (verifySignatures ? ["--verify-signatures"] : [])
          + (signaturePolicy.map { ["--signature-policy", $0] } ?? [])))
    let environment = try invocation.environment()
    let hook = try hook(settings, environment)
    let trial = try HookTrial(
      hook, call: try Self.json(call, "--call"), result: try Self.json(result, "--result"))
    let report = try await trial.run(settings, environment: environment)
    switch output.format {
    case .list: for line in report.lines { Talk.data(line) }
    case .json: Talk.data(report.json.description)
    }
    if report.refusal?.code == .interceptorFailed {
      throw CommandFailure(silently: ExitCode.runtimeFailure.rawValue)
    }
  }

  private func hook(_ settings: Settings, _ environment: RunEnvironment) throws -> Hook {
    guard policy.isEmpty else {
      do { return try HookTrial.hook(named: spec, of: policy, settings, environment) } catch {
        throw CommandFailure(error.problems)
      }
    }
    do {
      var hook = Hook(flag: try HookSpec(parsing: spec), number: 1)
      guard !persistent || hook.spec.kind == .exec else {
        throw CommandFailure("only exec hooks can be persistent", .usageOrConfiguration)
      }
      hook.isPersistent = persistent
      return hook
    } catch let flaw as HookSpec.Flaw {
      throw CommandFailure([Problem(source: "interceptor test", flaw.message, hint: flaw.hint)])
    }
  }

  private static func json(_ path: String?, _ flag: String) throws -> JSONText? {
    guard let path else { return nil }
    let text: String
    do { text = try String(contentsOf: URL(filePath: path), encoding: .utf8) } catch {
      throw CommandFailure([Problem(source: flag, "\(path.printable) cannot be read")])
    }
    do { return try JSONText(validating: text, limits: .fromServer) } catch {
      throw CommandFailure([
        Problem(source: flag, "\(path.printable) is no JSON that hooks are shown: \(error)")
      ])
    }
  }
}

extension HookTrial.Report {
  private var milliseconds: Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds * 100_000 + attoseconds / 10_000_000_000_000) / 100
  }

  fileprivate var lines: [String] {
    [
      "decision:  \(effect ?? "not asked: the hook is not bound to such calls")",
      "time:      \(milliseconds) ms",
      "to server: \(toServer.map(\.description) ?? "nothing")",
      "to client: \(toClient)",
    ]
  }

  fileprivate var json: JSONText {
    JSONText(object: [
      ("decision", effect.map { JSONText(string: $0) } ?? .null),
      ("ms", JSONText(Int(milliseconds))), ("server", toServer ?? .null), ("client", toClient),
      ("refusal", refusal?.details ?? .null),
    ])
  }
}
