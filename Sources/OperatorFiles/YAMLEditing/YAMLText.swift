import Wire
import YAML

/// Writes YAML that every reader understands alike: block style, and quotes wherever a plain word
/// could be taken for something else.
enum YAMLText {
  /// `text` as a value or key.
  static func scalar(_ text: String) -> String {
    isPlain(text) ? text : JSONText(string: text).description
  }

  /// Words that some reader takes for a truth value or for nothing.
  private static let treacherous: Set<String> = [
    "true", "false", "yes", "no", "on", "off", "y", "n", "null",
  ]

  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first) else { return false }
    return text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "_./-".utf8.contains($0) }
      && !treacherous.contains(text.lowercased())
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// An entry of a mapping as lines without indentation.
  static func entry(_ key: String, _ value: YAMLNode) -> [String] {
    let name = scalar(key)
    switch value.kind {
    case .scalar(let text): return ["\(name): \(scalar(text))"]
    case .sequence(let elements):
      return elements.isEmpty
        ? ["\(name): []"] : ["\(name):"] + elements.flatMap(element).map { "  " + $0 }
    case .mapping(let entries):
      return entries.isEmpty ? ["\(name): {}"] : ["\(name):"] + mapping(entries).map { "  " + $0 }
    }
  }

  private static func mapping(_ entries: [YAMLEntry]) -> [String] {
    entries.flatMap { entry($0.key, $0.value) }
  }

  private static func element(_ node: YAMLNode) -> [String] {
    switch node.kind {
    case .scalar(let text): ["- \(scalar(text))"]
    case .mapping(let entries) where !entries.isEmpty: hanging(mapping(entries))
    case .mapping: ["- {}"]
    case .sequence(let elements) where !elements.isEmpty: hanging(elements.flatMap(element))
    case .sequence: ["- []"]
    }
  }

  private static func hanging(_ lines: [String]) -> [String] {
    lines.enumerated().map { index, line in (index == 0 ? "- " : "  ") + line }
  }

  /// What was no text stays what it was; text is quoted where it must be.
  private static func scalar(_ scalar: YAMLScalar) -> String {
    scalar.meaning == .text ? self.scalar(scalar.text) : scalar.text.isEmpty ? "null" : scalar.text
  }
}
