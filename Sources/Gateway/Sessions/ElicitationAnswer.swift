import Wire

/// The shape of an answer to `elicitation/create`, checked before a server gets it: its author may
/// trust that a client keeps to the protocol.
enum ElicitationAnswer {
  /// What is wrong with it; nil if nothing is. Whether the values fit the form is the server's to say.
  static func flaw(_ answer: JSONText) -> String? {
    guard let action = answer["action"]?.string, ["accept", "decline", "cancel"].contains(action)
    else { return "action must be accept, decline or cancel" }
    guard let content = answer["content"], !content.isNull else { return nil }
    guard content.kind == .object else { return "content must be an object" }
    for member in content.members where !isValue(member.value) {
      return "content.\(PrintableText(member.name)) must be a string, number, boolean or a list of "
        + "strings"
    }
    return nil
  }

  private static func isValue(_ value: JSONText) -> Bool {
    switch value.kind {
    case .string, .number, .bool, .null: true
    case .array: value.elements.allSatisfy { $0.kind == .string }
    case .object: false
    }
  }
}
