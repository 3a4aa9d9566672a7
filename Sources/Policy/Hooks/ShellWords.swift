/// Words of a line as a shell would see them, quotes and backslashes obeyed, and nothing else: no
/// variables, no globs, no operators.
public enum ShellWords {
  /// Nil where a quote or a backslash has no end.
  public static func split(_ line: String) -> [String]? {
    var words: [String] = []
    var word: String?
    var rest = line.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case " ", "\t", "\n":
        if let word { words.append(word) }
        word = nil
      case "'":
        guard let quoted = single(&rest) else { return nil }
        word = (word ?? "") + quoted
      case "\"":
        guard let quoted = double(&rest) else { return nil }
        word = (word ?? "") + quoted
      case "\\":
        guard let next = rest.popFirst() else { return nil }
        word = (word ?? "") + String(next)
      default: word = (word ?? "") + String(scalar)
      }
    }
    return words + (word.map { [$0] } ?? [])
  }

  private static func single(_ rest: inout Substring.UnicodeScalarView) -> String? {
    guard let end = rest.firstIndex(of: "'") else { return nil }
    defer { rest = rest[rest.index(after: end)...] }
    return String(rest[..<end])
  }

  /// Within double quotes a backslash is one only before `"`, `\`, `$` and a back quote (POSIX,
  /// Shell Command Language, 2.2.3).
  private static func double(_ rest: inout Substring.UnicodeScalarView) -> String? {
    var text = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      if scalar == "\"" { return String(text) }
      if scalar == "\\" {
        guard let next = rest.popFirst() else { return nil }
        if !["\"", "\\", "$", "`"].contains(next) { text.append(scalar) }
        text.append(next)
      } else {
        text.append(scalar)
      }
    }
    return nil
  }
}
