import Wire
import YAML

/// Reads an entry of a policy's `hooks`.
struct HookDecoder {
  static let timeouts: ClosedRange<Duration> = .milliseconds(10)...(.seconds(600))
  private static let longestName = 64

  let reader: YAMLReader

  init(_ reader: YAMLReader) { self.reader = reader }

  /// Nil where an error was reported.
  func hook(_ node: YAMLNode) -> HookRule? {
    guard let fields = reader.fields(node, "a hook") else { return nil }
    let name = name(fields)
    let when = requiredWord(fields, "when", HookRule.When.self)
    let kind = kind(fields)
    let binding = HookBindingDecoder(reader).binding(fields.node("match"))
    let timeout = timeout(fields)
    let onError = word(fields, "on-error", HookRule.OnError.self)
    let grants = HookGrantsDecoder(reader).grants(fields.node("grants"), for: kind)
    fields.reportEmpty()
    fields.reportUnknown(as: .error)
    guard let name, let when, let kind, let binding, let timeout, let grants else { return nil }
    return HookRule(
      name: name,
      place: PolicyPlace(source: reader.source, line: node.line, column: node.column),
      when: when, kind: kind, binding: binding, timeout: timeout, onError: onError ?? .deny,
      grants: grants)
  }

  /// Names stand in records, refusals and filters of commands, so they are kept plain.
  private func name(_ fields: YAMLFields) -> String? {
    guard let name = fields.requiredString("name"), let node = fields.node("name") else {
      return nil
    }
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard isPlain, name.utf8.count <= Self.longestName else {
      reader.report(
        at: node, "\(name.forMessage) is no name for a hook",
        hint: "use up to \(Self.longestName) letters, digits, dots, dashes and underscores")
      return nil
    }
    return name
  }

  private func kind(_ fields: YAMLFields) -> HookRule.Kind? {
    let decoder = HookKindDecoder(reader, isPersistent: fields.node("persistent"))
    let written = HookKindDecoder.names.compactMap { name in
      fields.node(name).map { (name: name, node: $0) }
    }
    guard let first = written.first else {
      reader.report(
        at: fields.node, "nothing says what this hook runs", hint: "add exec, http or docker")
      return nil
    }
    guard written.count == 1 else {
      reader.report(
        at: written[1].node,
        "this hook has \(first.name) already, so it cannot have "
          + "\(written[1].name)", hint: "make two hooks of it")
      return nil
    }
    return decoder.kind(first.name, first.node)
  }

  private func timeout(_ fields: YAMLFields) -> Duration? {
    guard let node = fields.node("timeout") else { return HookRule.standardTimeout }
    guard let text = fields.string("timeout") else { return nil }
    if let time = Quantity.duration(text), Self.timeouts.contains(time) { return time }
    reader.report(
      at: node, "\(text.forMessage) is no time for a hook",
      hint: "write a time from 10ms to 10m, such as 2s")
    return nil
  }

  private func requiredWord<Word: RawRepresentable<String> & CaseIterable>(
    _ fields: YAMLFields, _ key: String, _ words: Word.Type
  ) -> Word? {
    guard fields.node(key) != nil else {
      reader.report(
        at: fields.node, "\(key) is missing", hint: "write \(Self.choice(words)) for it")
      return nil
    }
    return word(fields, key, words)
  }

  private func word<Word: RawRepresentable<String> & CaseIterable>(
    _ fields: YAMLFields, _ key: String, _ words: Word.Type
  ) -> Word? {
    guard let node = fields.node(key), let text = fields.string(key) else { return nil }
    if let word = Word(rawValue: text) { return word }
    reader.report(
      at: node, "\(key) must be \(Self.choice(words)), not \(text.forMessage)",
      hint: NameSuggestion.hint(for: text, among: words.allCases.map(\.rawValue)))
    return nil
  }

  private static func choice<Word: RawRepresentable<String> & CaseIterable>(
    _ words: Word.Type
  ) -> String {
    words.allCases.map(\.rawValue).joined(separator: " or ")
  }
}
