import Secrets
import Wire

/// A hook of the operator as a station of the pipeline: shows it the call or the result, and does
/// what it says. A hook that fails has not judged the call, which is then refused.
public struct HookStation: Interceptor {
  public let hook: Hook
  private let runner: any HookRunner
  private let scanner: SecretScanner?
  private let log: @Sendable (String) -> Void

  public var name: String { hook.name }

  /// - Parameters:
  ///   - scanner: finds what the hook is not shown; nil where nobody looks for secrets.
  ///   - log: writes a line for the operator.
  public init(
    _ hook: Hook, runner: any HookRunner, scanner: SecretScanner?,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.hook = hook
    self.runner = runner
    self.scanner = scanner
    self.log = log
  }

  public func before(_ call: Call) async throws -> Verdict<Call> {
    guard hook.spec.when == .before, hook.binding.covers(call) else { return .notConcerned }
    return try await judging(call) { () throws(HookFailure) in
      let message = HookMessage(before: call, try shown(call.params))
      switch try await ask(message, about: call) {
      case .proceed: return .pass
      case .deny(let reason): return .refuse(denial(of: "call", reason))
      case .result(let result): return .go(.answer(CallResult(result)))
      case .arguments(let arguments): return .go(.replace(try call.with(arguments, of: message)))
      case .error: throw .invalidOutput("there is no error that it could change")
      case .redact(let paths, let replacement):
        return .go(.replace(try call.redacting(paths, with: replacement)))
      }
    }
  }

  public func after(_ result: CallResult, of call: Call) async throws -> Verdict<CallResult> {
    guard hook.spec.when == .after, hook.binding.covers(call) else { return .notConcerned }
    return try await judging(call) { () throws(HookFailure) in
      let message = HookMessage(
        after: try shown(result.text), of: call, try shown(call.params))
      switch try await ask(message, about: call) {
      case .proceed: return .pass
      case .deny(let reason): return .refuse(denial(of: "result", reason))
      case .result(let written): return .go(.replace(CallResult(message.result(from: written))))
      case .arguments: throw .invalidOutput("the call is over, its arguments cannot be changed")
      case .error: throw .invalidOutput("there is no error that it could change")
      case .redact(let paths, let replacement):
        return .go(.replace(CallResult(try result.text.redacting(paths, with: replacement))))
      }
    }
  }

  public func after(_ error: RPCError, of call: Call) async throws -> Verdict<RPCError> {
    guard hook.spec.when == .after, hook.binding.covers(call) else { return .notConcerned }
    return try await judging(call) { () throws(HookFailure) in
      let whole = JSONText(object: [(HookAnswer.error, error.text)])
      let message = HookMessage(after: try shown(whole), of: call, try shown(call.params))
      switch try await ask(message, about: call, failed: true) {
      case .proceed: return .pass
      case .deny(let reason): return .refuse(denial(of: "error", reason))
      case .result(let written): return .go(.answer(CallResult(message.result(from: written))))
      case .arguments: throw .invalidOutput("the call is over, its arguments cannot be changed")
      case .redact(let paths, let replacement):
        return try Self.said(try whole.redacting(paths, with: replacement), about: error)
      case .error(let written):
        let changed = JSONText(object: [(HookAnswer.error, written)])
        return try Self.said(message.subject.restoring(changed), about: error)
      }
    }
  }

  /// An object with an error that a hook has written, or has left of the one it saw.
  private static func said(
    _ text: JSONText, about error: RPCError
  ) throws(HookFailure) -> Said<RPCError> {
    guard let written = text[HookAnswer.error].flatMap(RPCError.init) else {
      throw .invalidOutput("what it leaves of the error is none")
    }
    return written == error ? .pass : .go(.replace(written))
  }

  public func close() async { await runner.close() }

  // MARK: Asking

  private enum Said<Subject: Sendable>: Sendable {
    case go(Verdict<Subject>)
    case refuse(Refusal)
    static var pass: Said { .go(.pass) }
  }

  private func ask(
    _ message: HookMessage, about call: Call, failed: Bool = false
  ) async throws(HookFailure) -> HookAnswer {
    let output = try await runner.run(
      HookRequest(message: message.text, callID: call.id, deadline: .now + hook.timeout))
    return try HookAnswer(
      output, hook.spec.when, call, failed: failed, largest: Hook.largestOutput)
  }

  /// The one place that decides what a failure means.
  private func judging<Subject: Sendable>(
    _ call: Call, _ work: () async throws(HookFailure) -> Said<Subject>
  ) async throws(Refusal) -> Verdict<Subject> {
    let said: Said<Subject>
    do throws(HookFailure) { said = try await work() } catch {
      let detail = error.detail.map { ": \(PrintableText($0, limit: 600))" } ?? ""
      log("! hook \(hook.name) \(error.reason) [\(call.id)]\(detail)")
      // A call that its client withdrew is not one that the operator wants to let through.
      if hook.onError == .allow, error.kind != .cancelled { return .unjudged }
      throw Refusal(
        .interceptorFailed, rule: hook.name,
        message: "hook \(hook.name) \(error.reason), so the call was refused")
    }
    switch said {
    case .go(let verdict): return verdict
    case .refuse(let refusal): throw refusal
    }
  }

  /// The hook's words reach the client, so they are scanned like everything that does.
  private func denial(of subject: String, _ reason: String?) -> Refusal {
    var message = "hook \(hook.name) denied the \(subject)"
    if let reason, !reason.isEmpty {
      let isClean = scanner.map { (try? $0.scan(bytes: Array(reason.utf8))) == .some(nil) } ?? true
      message += isClean ? ": \(PrintableText(reason, limit: 600))" : "; its reason holds a secret"
    }
    return Refusal(.policyDenied, rule: hook.name, message: message)
  }

  // MARK: Redaction

  private func shown(_ text: JSONText) throws(HookFailure) -> RedactedText {
    guard let scanner, !hook.grants.secrets else { return RedactedText(unchanged: text) }
    let redacted: RedactedText?
    do throws(ScanFailure) { redacted = try scanner.redacting(text) } catch {
      throw HookFailure(
        .unscannable, "cannot be shown what could not be scanned for secrets", detail: "\(error)")
    }
    guard let redacted else {
      throw HookFailure(
        .unscannable, "cannot be shown a secret that is a number, a name, or one of too many")
    }
    return redacted
  }
}

extension Call {
  /// Only arguments can be changed: not which tool is called, for hooks and rules that concern another
  /// tool were not asked, and not how the call is carried.
  fileprivate func with(
    _ arguments: JSONText, of message: HookMessage
  ) throws(HookFailure) -> Call {
    guard method.hasArguments else {
      throw .invalidOutput("\(method.rawValue) has no arguments that could be changed")
    }
    var changed = self
    changed.params = message.subject.restoring(params.setting("arguments", to: arguments))
    return changed
  }

  /// Paths start at `params` or in it: `params.arguments.q` and `arguments.q` are the same.
  fileprivate func redacting(
    _ paths: [JSONPathPattern], with replacement: JSONText
  ) throws(HookFailure) -> Call {
    let inParams = paths.map { path in
      path.steps.first == .member("params") ? JSONPathPattern(Array(path.steps.dropFirst())) : path
    }
    guard inParams.allSatisfy({ $0.steps.count > 1 && $0.steps.first == .member("arguments") })
    else { throw .invalidOutput("only arguments of a call can be redacted") }
    var changed = self
    changed.params = try params.redacting(inParams, with: replacement)
    return changed
  }
}

extension JSONText {
  fileprivate var mostRedacted: Int { 100_000 }

  /// A path that names nothing is a mistake of the hook: what it meant to hide would go on.
  fileprivate func redacting(
    _ paths: [JSONPathPattern], with replacement: JSONText
  ) throws(HookFailure) -> JSONText {
    var parts: [(part: JSONText, replacement: JSONText)] = []
    for (index, path) in paths.enumerated() {
      let found = path.values(in: self)
      guard !path.steps.isEmpty, !found.isEmpty || path.hasWildcard else {
        throw .invalidOutput("paths[\(index)] names nothing that is there")
      }
      parts += found.map { ($0, replacement) }
      guard parts.count <= mostRedacted,
        parts.count * replacement.count <= count + Hook.largestOutput
      else { throw .invalidOutput("it redacts too many values, or puts too much in their place") }
    }
    return replacing(parts)
  }
}

extension Call.Method {
  fileprivate var hasArguments: Bool { self == .callTool || self == .getPrompt }
}
