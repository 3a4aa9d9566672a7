import Wire

/// What a hook said. docs/hook-output.schema.json describes it.
enum HookAnswer: Sendable, Hashable {
  /// Nothing: go on, unchanged.
  case proceed
  /// A result: instead of asking the server, or instead of its result.
  case result(JSONText)
  case deny(reason: String?)
  /// Other arguments of the call.
  case arguments(JSONText)
  case redact([JSONPathPattern], replacement: JSONText)
  /// Another error instead of the one it was shown.
  case error(JSONText)

  /// The member that tells a decision from a result.
  static let decision = "decision"
  /// The member in which an error stands instead of a result.
  static let error = "error"
  /// A hook that repeats this member answers the call that it names, and no other.
  private static let callID = "callId"

  fileprivate enum Decision: String, CaseIterable { case allow, deny, modify, redact }

  /// - Parameters:
  ///   - call: that the hook was asked about; its method says what a result looks like.
  ///   - failed: whether the hook was shown an error in place of a result.
  init(
    _ output: [UInt8], _ when: HookSpec.When, _ call: Call, failed: Bool, largest: Int
  ) throws(HookFailure) {
    guard output.count <= largest else { throw .outputTooLarge(largest) }
    // `jq 'empty'` writes nothing, `echo` a line break: both say nothing.
    guard output.contains(where: { !Self.whiteSpace.contains($0) }) else {
      self = .proceed
      return
    }
    let text: JSONText
    do throws(JSONProblem) {
      text = try JSONText(validating: output, limits: JSONLimits(maximumBytes: largest))
    } catch {
      throw .invalidOutput("it is not JSON, because of \(error)")
    }
    guard text.kind == .object else {
      throw .invalidOutput("it is JSON, but no object")
    }
    guard text[Self.callID].map({ $0.string == call.id }) ?? true else {
      throw .invalidOutput("it is about another call")
    }
    if let decision = text[Self.decision] {
      self = try Self.decision(decision, text, when, call.method)
    } else if failed, let error = text[Self.error], text["content"] == nil {
      // A hook that repeats its input, with or without changes.
      self = .error(error)
    } else {
      self = .result(try Self.result(text, of: call.method))
    }
  }

  private static let mostPaths = 256
  private static let whiteSpace: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]

  // MARK: Results

  private static func result(
    _ text: JSONText, of method: Call.Method
  ) throws(HookFailure) -> JSONText {
    guard method.answersWithToolResult else {
      guard let name = method.resultMember, text[name] != nil else {
        throw .invalidOutput("it is no result of \(method.rawValue)")
      }
      return text
    }
    if let content = text["content"] {
      let isContent =
        content.kind == .array && content.elements.allSatisfy { $0["type"]?.string != nil }
      guard isContent else { throw .invalidOutput("its \"content\" is no list of content blocks") }
      return text
    }
    // Docker's gateway fills this in as well.
    guard text["isError"] != nil || text["structuredContent"] != nil else {
      throw .invalidOutput("it is neither a result (no \"content\") nor a decision")
    }
    return text.setting("content", to: .emptyArray)
  }

  // MARK: Decisions

  private static func decision(
    _ word: JSONText, _ text: JSONText, _ when: HookSpec.When, _ method: Call.Method
  ) throws(HookFailure) -> HookAnswer {
    guard let decision = word.string.flatMap(Decision.init(rawValue:)) else {
      throw .invalidOutput("its decision is none of allow, deny, modify and redact")
    }
    let allowed = decision.members(when) + [Self.decision, "reason", Self.callID]
    guard text.members.allSatisfy({ allowed.contains($0.name) }) else {
      throw .invalidOutput(
        "a decision to \(decision.rawValue) \(when.rawValue) a call has the members "
          + "\(allowed.joined(separator: ", ")) and no others")
    }
    let reason = try text["reason"].map { reason throws(HookFailure) in
      guard let text = reason.string else { throw .invalidOutput("its reason is no string") }
      return text
    }
    switch decision {
    case .allow: return .proceed
    case .deny: return .deny(reason: reason)
    case .modify: return try modification(text, when, method)
    case .redact: return try redaction(text)
    }
  }

  private static func modification(
    _ text: JSONText, _ when: HookSpec.When, _ method: Call.Method
  ) throws(HookFailure) -> HookAnswer {
    switch when {
    case .before:
      guard let arguments = text["arguments"], arguments.kind == .object else {
        throw .invalidOutput("a decision to modify a call has an object \"arguments\"")
      }
      return .arguments(arguments)
    case .after:
      guard let result = text["result"], result.kind == .object else {
        throw .invalidOutput("a decision to modify a result has an object \"result\"")
      }
      return .result(try Self.result(result, of: method))
    }
  }

  private static func redaction(_ text: JSONText) throws(HookFailure) -> HookAnswer {
    guard let paths = text["paths"], paths.kind == .array, !paths.elements.isEmpty else {
      throw .invalidOutput("a decision to redact has a list \"paths\" that is not empty")
    }
    guard paths.elements.count <= mostPaths else {
      throw .invalidOutput("it redacts more than \(mostPaths) paths")
    }
    var patterns: [JSONPathPattern] = []
    for (index, path) in paths.elements.enumerated() {
      guard let path = path.string else { throw .invalidOutput("paths[\(index)] is no string") }
      do throws(JSONPathPattern.Flaw) { patterns.append(try JSONPathPattern(parsing: path)) } catch
      {
        throw .invalidOutput("paths[\(index)] is no path: \(error.message)")
      }
    }
    return .redact(patterns, replacement: text["replacement"] ?? JSONText(string: "[redacted]"))
  }
}

extension HookAnswer.Decision {
  /// Members beside the decision itself and its reason.
  fileprivate func members(_ when: HookSpec.When) -> [String] {
    switch self {
    case .allow, .deny: []
    case .modify: [when == .before ? "arguments" : "result"]
    case .redact: ["paths", "replacement"]
    }
  }
}

extension Call.Method {
  /// The member that every result of this method has; nil where it has none.
  fileprivate var resultMember: String? {
    switch self {
    case .callTool, .taskResult: "content"
    case .getPrompt: "messages"
    case .readResource: "contents"
    case .complete: "completion"
    case .getTask, .cancelTask: "taskId"
    case .subscribe, .unsubscribe: nil
    }
  }
}
