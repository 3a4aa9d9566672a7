import Wire

extension JSONText {
  /// The same value over several lines, as people keep their settings. `indent` is that of the line
  /// on which it starts.
  func laidOut(indent: String = "") -> JSONText {
    (try? JSONText(validating: lines(indent).joined(separator: "\n"))) ?? self
  }

  private func lines(_ indent: String) -> [String] {
    let inner = indent + "  "
    switch kind {
    case .object where !members.isEmpty:
      let parts = members.map { member in
        "\(inner)\(JSONText(string: member.name)): \(member.value.text(inner))"
      }
      return ["{", parts.joined(separator: ",\n"), "\(indent)}"]
    case .array where elements.contains { $0.kind == .object || $0.kind == .array }:
      let parts = elements.map { "\(inner)\($0.text(inner))" }
      return ["[", parts.joined(separator: ",\n"), "\(indent)]"]
    case .array: return ["[\(elements.map(\.description).joined(separator: ", "))]"]
    default: return [description]
    }
  }

  private func text(_ indent: String) -> String { lines(indent).joined(separator: "\n") }
}
