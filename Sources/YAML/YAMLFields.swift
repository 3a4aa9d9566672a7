import Wire

/// A mapping whose keys are known. It remembers which keys were asked for; what is left is unknown.
/// A key without a value counts as absent.
public final class YAMLFields {
  public let reader: YAMLReader
  public let node: YAMLNode
  private let entries: [YAMLEntry]
  /// The keys that were asked for.
  package private(set) var known: Set<String> = []

  init(reader: YAMLReader, node: YAMLNode, entries: [YAMLEntry]) {
    self.reader = reader
    self.node = node
    self.entries = entries
  }

  /// The value as it stands, or nil where there is none.
  public func node(_ key: String) -> YAMLNode? {
    known.insert(key)
    return entries.first { $0.key == key }.map(\.value).flatMap { $0.isNull ? nil : $0 }
  }

  public func string(_ key: String) -> String? {
    node(key).flatMap { reader.string($0, key) }
  }

  /// Reports an absent or empty value.
  public func requiredString(_ key: String) -> String? {
    guard let node = node(key) else {
      reader.report(at: self.node, "\(key) is missing")
      return nil
    }
    guard let text = reader.string(node, key) else { return nil }
    if text.isEmpty { reader.report(at: node, "\(key) is empty") }
    return text.isEmpty ? nil : text
  }

  public func bool(_ key: String) -> Bool? { node(key).flatMap { reader.bool($0, key) } }
  public func int(_ key: String) -> Int? { node(key).flatMap { reader.int($0, key) } }
  public func double(_ key: String) -> Double? { node(key).flatMap { reader.double($0, key) } }
  public func list(_ key: String) -> [YAMLNode]? { node(key).flatMap { reader.list($0, key) } }
  public func strings(_ key: String) -> [String]? { node(key).flatMap { reader.strings($0, key) } }
  public func entries(_ key: String) -> [YAMLEntry]? {
    node(key).flatMap { reader.entries($0, key) }
  }
  public func fields(_ key: String) -> YAMLFields? { node(key).flatMap { reader.fields($0, key) } }

  /// The keys nobody asked for. Call it after the last known key was read.
  public var unknown: [YAMLEntry] { entries.filter { !known.contains($0.key) } }

  /// Reports each key that has no value: for files in which that must not mean that a protection is
  /// left out, such as one that a template filled in with nothing.
  public func reportEmpty() {
    for entry in entries.filter(\.value.isNull).prefix(Self.mostReported) {
      reader.report(
        .error, atKeyOf: entry, "\(entry.key.forMessage) has no value",
        hint: "give it one, or take the key out")
    }
  }

  /// More than these are a text of another kind, not slips.
  private static let mostReported = 20

  /// Reports each unknown key, with the known one that was probably meant.
  public func reportUnknown(as severity: Problem.Severity) {
    let unknown = unknown
    for entry in unknown.prefix(Self.mostReported) {
      reader.report(
        severity, atKeyOf: entry, "unknown key \(entry.key.forMessage)",
        hint: NameSuggestion.hint(for: entry.key, among: known))
    }
    if let next = unknown.dropFirst(Self.mostReported).first {
      let rest = unknown.count - Self.mostReported
      reader.report(severity, atKeyOf: next, "\(rest) more unknown keys from here on")
    }
  }
}
