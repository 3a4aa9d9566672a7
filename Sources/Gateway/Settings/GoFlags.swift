import Wire

/// Go's habits of writing flags, turned into the plain spellings an ordinary parser reads.
///
/// Pure: words in, words out. Two habits would be dangerous if they were only nearly understood:
/// `--block-secrets=0` must never mean "on", and `--watch false` must not leave a stray word that
/// somebody else takes for a value.
public struct GoFlags: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    /// `--name` or `--name=true|false`; a value never follows as a word of its own.
    case toggle
    /// One value; the last use counts.
    case value
    /// Values split at commas by CSV rules; uses add up.
    case list
    /// Values taken as they are; uses add up.
    case array
  }

  /// Words for the parser, and what could not be understood.
  public struct Normalized: Sendable, Hashable {
    public var words: [String] = []
    public var problems: [Problem] = []
  }

  private let kinds: [String: Kind]

  /// `kinds` by name, without the dashes.
  public init(_ kinds: [String: Kind]) { self.kinds = kinds }

  /// `--name=value` for every value, `--name` or `--no-name` for every toggle. Words that are no
  /// flag of ours, and all after `--`, stay as they are: the parser behind knows what to say.
  public func normalize(_ arguments: [String]) -> Normalized {
    var result = Normalized()
    var rest = arguments[...]
    while let word = rest.popFirst() {
      if word == "--" {
        result.words += [word] + rest
        break
      }
      guard let flag = Self.flag(word), let kind = kinds[flag.name] else {
        result.words.append(word)
        continue
      }
      do throws(Problem) {
        result.words +=
          kind == .toggle ? [try toggle(flag, rest.first)] : try values(flag, kind, &rest)
      } catch {
        result.problems.append(error)
        return result
      }
    }
    return result
  }

  private struct Flag {
    let name: String
    let value: String?
  }

  /// `--name` or `--name=value`; nil for anything else.
  private static func flag(_ word: String) -> Flag? {
    guard word.hasPrefix("--") else { return nil }
    let parts = word.dropFirst(2).split(
      separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = parts.first else { return nil }
    return Flag(name: String(name), value: parts.count > 1 ? String(parts[1]) : nil)
  }

  private func toggle(_ flag: Flag, _ next: String?) throws(Problem) -> String {
    let on = "--\(flag.name)"
    guard let value = flag.value else {
      guard let next, next.count > 1, Self.truth(next) != nil else { return on }
      throw Problem(
        source: on, "\"\(next)\" after \(on) is a word of its own, not its value",
        hint: "write \(on)=\(next)")
    }
    guard let truth = Self.truth(value) else {
      throw Problem(
        source: on, "\"\(value)\" is neither true nor false",
        hint: "write \(on)=true or \(on)=false")
    }
    return truth ? on : "--no-\(flag.name)"
  }

  /// The words that Go's `strconv.ParseBool` knows.
  static func truth(_ word: String) -> Bool? {
    switch word {
    case "1", "t", "T", "true", "TRUE", "True": true
    case "0", "f", "F", "false", "FALSE", "False": false
    default: nil
    }
  }

  private func values(
    _ flag: Flag, _ kind: Kind, _ rest: inout ArraySlice<String>
  ) throws(Problem) -> [String] {
    let source = "--\(flag.name)"
    let value =
      if let written = flag.value { written } else { try following(source, &rest) }
    guard kind == .list else { return Self.plain(source, value) }
    guard let fields = CommaList.fields(value) else {
      throw Problem(
        source: source, "the quotes in '\(value)' do not match",
        hint: #"write a,b or "a,b",c with quotes around whole entries"#)
    }
    return fields.flatMap { Self.plain(source, $0) }
  }

  /// A word that starts with a dash is only safe behind `=`; an empty one, the parser behind takes
  /// only as a word of its own.
  private static func plain(_ source: String, _ value: String) -> [String] {
    value.isEmpty ? [source, value] : ["\(source)=\(value)"]
  }

  private func following(
    _ source: String, _ rest: inout ArraySlice<String>
  ) throws(Problem) -> String {
    guard let next = rest.first else {
      throw Problem(source: source, "a value is missing", hint: "write \(source)=VALUE")
    }
    // Go would take the next flag for the value; that has only ever been a mistake.
    if let other = Self.flag(next), kinds[other.name] != nil {
      throw Problem(
        source: source, "a value is missing, \(next) follows",
        hint: "write \(source)=VALUE, or \(source)=\(next) if that is the value")
    }
    rest.removeFirst()
    return next
  }
}
