import Secrets
import Wire

/// What a hook is shown, in the JSON of Docker's gateway with more members beside: a hook that was
/// written for it finds `params` of a request, or `content` of a result, where they were.
/// docs/hook-input.schema.json describes it.
struct HookMessage {
  let text: JSONText
  /// What the hook worked on: the `params` of a call, or a result.
  let subject: RedactedText

  /// Members of ours. A result's own members of these names are shown under ``shadowed``, and they
  /// are not what a hook that repeats its input means by them.
  static let ownMembers: Set<String> = [
    "when", "server", "tool", "session", "identity", "client", "callId", "request", "redacted",
    shadowed, HookAnswer.decision,
  ]
  static let shadowed = "shadowed"

  init(before call: Call, _ params: RedactedText) {
    subject = params
    text =
      JSONText(
        object: [("method", JSONText(string: call.method.rawValue)), ("params", params.text)]
          + Self.context(.before, call) + Self.notes(params.paths, under: "params")
      ).withoutLineBreaks
  }

  /// - Parameter params: of the call as the server got it.
  init(after result: RedactedText, of call: Call, _ params: RedactedText) {
    subject = result
    let members = result.text.members
    let own = members.filter { Self.ownMembers.contains($0.name) }.map { ($0.name, $0.value) }
    let plain = members.filter { !Self.ownMembers.contains($0.name) }.map { ($0.name, $0.value) }
    let request = JSONText(object: [
      ("method", JSONText(string: call.method.rawValue)), ("params", params.text),
    ])
    text =
      JSONText(
        object: plain + Self.context(.after, call) + [("request", request)]
          + (own.isEmpty ? [] : [(Self.shadowed, JSONText(object: own))])
          + Self.notes(result.paths, under: nil)
      ).withoutLineBreaks
  }

  private static func context(_ when: HookSpec.When, _ call: Call) -> [(String, JSONText)] {
    var members = [
      ("when", JSONText(string: when.rawValue)), ("server", JSONText(string: call.server)),
    ]
    if call.method.isAboutTool { members.append(("tool", JSONText(string: call.target))) }
    return members + [
      ("session", JSONText(string: call.caller.session)),
      ("identity", JSONText(string: call.caller.identity)),
      (
        "client",
        JSONText(object: [
          ("name", JSONText(string: call.caller.clientName)),
          ("version", JSONText(string: call.caller.clientVersion)),
        ])
      ), ("callId", JSONText(string: call.id)),
    ]
  }

  /// Tells the hook where a placeholder stands instead of a value.
  private static func notes(_ paths: [JSONPath], under name: String?) -> [(String, JSONText)] {
    guard !paths.isEmpty else { return [] }
    let root = name.map { [JSONPath.Step.member($0)] } ?? []
    let texts = paths.map { JSONText(string: JSONPath(root + $0.steps).description) }
    return [("redacted", JSONText(array: texts))]
  }

  /// A result that a hook wrote instead of the one it saw: without our members, which a hook repeats
  /// that changes its input and prints it, and with those of the server that they had covered.
  func result(from written: JSONText) -> JSONText {
    let members = written.members.filter { !Self.ownMembers.contains($0.name) }
    // Only those that it repeats: a hook that writes a result of its own has judged them too.
    let repeated = written[Self.shadowed].flatMap { $0.kind == .object ? $0.members : nil } ?? []
    let covered = repeated.filter { Self.ownMembers.contains($0.name) }
    let bare = (members + covered).map { ($0.name, $0.value) }
    return subject.restoring(JSONText(object: bare))
  }
}
