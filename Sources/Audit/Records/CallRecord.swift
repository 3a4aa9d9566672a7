import Interceptors
import Wire

/// Turns a call, what it met and how it ended into a record. docs/audit.md describes each member.
struct CallRecord: Sendable {
  /// Longer values are left out: a record is a line that people and programs still read.
  private static let longestValues = 64 << 10
  /// Arguments that get a digest of their own; the whole has one in any case.
  private static let mostDigests = 16
  private static let longestName = 64

  let transport: String
  let digest: KeyedDigest
  /// Nil: no values.
  let values: RecordedValues?

  func text(_ call: Call, _ trail: CallTrail, _ outcome: CallOutcome) -> RecordText {
    var text = RecordText(type: .call)
    text.add("id", call.id)
    add(call.caller, to: &text)
    text.add("server", call.server)
    text.add("method", call.method.rawValue)
    text.add("target", call.target)
    text.add("exposed", call.exposedName)
    text.add("image", trail.image)
    text.add("definition", call.definition)
    add("input", call.method.input(call.params), to: &text)
    if let sent = trail.sent, sent.params != call.params {
      add("sent", sent.method.input(sent.params), to: &text)
    }
    add(outcome, trail, to: &text)
    add(trail.steps, to: &text)
    add(outcome.result, to: &text)
    if let code = trail.exitCode ?? outcome.exitCode { text.add("exit", code) }
    text.add("us", trail.duration.microseconds)
    return text
  }

  func text(_ request: TurnedAway) -> RecordText {
    var text = RecordText(type: .call)
    text.add("id", request.id)
    add(request.caller, to: &text)
    text.add("method", request.method.rawValue)
    text.add("exposed", request.name)
    add("input", request.method.input(request.params), to: &text)
    text.object("decision") { decision in
      decision.add("verdict", "refused")
      decision.add("stage", "routing")
      switch request.reason {
      case .refused(let refusal): decision.add(refusal)
      case .unusable(let error):
        decision.add("code", "unusable")
        decision.add("reason", error.message)
      }
    }
    return text
  }

  func text(_ record: AskRecord) -> RecordText {
    var text = RecordText(type: .ask)
    text.add("call", record.call?.id)
    add(record.caller, to: &text)
    text.add("server", record.ask.server)
    text.add("method", record.ask.method.rawValue)
    add("input", record.ask.params, to: &text)
    add(record.outcome, CallTrail(), to: &text)
    add(record.outcome.result, to: &text)
    text.add("us", record.duration.microseconds)
    return text
  }

  private func add(_ caller: Caller, to text: inout RecordText) {
    text.object("caller") { text in
      text.add("identity", caller.identity)
      text.add("session", caller.session)
      text.add("client", caller.clientName)
      text.add("version", caller.clientVersion)
      text.add("transport", transport)
    }
  }

  /// Shape, size, and digests: of the whole, and of each argument.
  private func add(_ name: String, _ input: JSONText, to text: inout RecordText) {
    text.object(name) { text in
      text.add("shape", JSONShape(of: input).description)
      text.add("bytes", input.count)
      text.add("digest", hex: digest(input.bytes))
      let members = input.members.prefix(Self.mostDigests)
      if !members.isEmpty {
        text.object("digests") { text in
          for member in members where member.name.utf8.count <= Self.longestName {
            text.add(member.name, hex: digest(member.value.bytes))
          }
        }
      }
      addValues(of: input, to: &text)
    }
  }

  private func addValues(of value: JSONText, to text: inout RecordText) {
    guard let values else { return }
    if value.count <= Self.longestValues {
      text.add("values", json: values.screened(value))
    } else {
      text.add("values", "[over \(Self.longestValues) bytes]")
    }
  }

  private func add(_ outcome: CallOutcome, _ trail: CallTrail, to text: inout RecordText) {
    text.object("decision") { decision in
      switch outcome {
      case .succeeded, .toolFailed, .serverError:
        decision.add("verdict", "allowed")
        decision.add("rule", trail.rule)
      case .refused(let refusal):
        decision.add("verdict", "refused")
        decision.add("stage", trail.steps.last?.stage)
        decision.add(refusal)
      case .failed(let fault):
        decision.add("verdict", "failed")
        decision.add("stage", trail.steps.last?.stage)
        decision.add("code", fault.kind.rawValue)
        decision.add("source", fault.source.rawValue)
        // It may quote the server's stderr, and so values.
        if let values { decision.add("reason", values.screened(fault.message)) }
      }
    }
  }

  private func add(_ steps: [CallTrail.Step], to text: inout RecordText) {
    text.array("steps") { text in
      for step in steps {
        text.element { text in
          text.add("stage", step.stage)
          text.add("leg", step.leg.rawValue)
          if step.effect != .passed { text.add("effect", step.effect.rawValue) }
          text.add("us", step.duration.microseconds)
        }
      }
    }
  }

  private func add(_ result: CallOutcome.Answer?, to text: inout RecordText) {
    guard let result else { return }
    text.object("result") { text in
      text.add("kind", result.kind)
      if let code = result.code { text.add("code", code) }
      text.add("bytes", result.text.count)
      text.add("digest", hex: digest(result.text.bytes))
      addValues(of: result.text, to: &text)
    }
  }
}

extension RecordText {
  fileprivate mutating func add(_ refusal: Refusal) {
    add("code", refusal.code.rawValue)
    add("rule", refusal.rule)
    add("path", refusal.path)
    add("reason", refusal.message)
  }
}

extension Call.Method {
  /// What a caller says beside the name of what it asks for.
  fileprivate func input(_ params: JSONText) -> JSONText {
    switch self {
    case .callTool, .getPrompt: params["arguments"] ?? .emptyObject
    case .complete: params["argument"] ?? .emptyObject
    case .readResource, .subscribe, .unsubscribe: .emptyObject
    }
  }
}

extension CallOutcome {
  fileprivate struct Answer {
    let kind: String
    var code: Int?
    let text: JSONText
  }

  /// What the client is answered with by the server; nil where the gateway answers.
  fileprivate var result: Answer? {
    switch self {
    case .succeeded(let result): Answer(kind: "result", text: result.text)
    case .toolFailed(let result): Answer(kind: "tool_error", text: result.text)
    case .serverError(let error): Answer(kind: "error", code: error.code, text: error.text)
    case .refused, .failed: nil
    }
  }

  fileprivate var exitCode: Int? {
    if case .failed(let fault) = self { fault.exitCode } else { nil }
  }
}

extension Duration {
  fileprivate var microseconds: Int {
    let (seconds, attoseconds) = components
    return Int(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
  }
}
