import Wire

/// `--audit-values`: values in records, but for those in which a secret is found.
public struct RecordedValues: Sendable {
  /// The name of the rule that finds a secret in a text; nil where none does. Whatever cannot be
  /// scanned must be named as well.
  public typealias Scan = @Sendable (JSONText) -> String?

  private let scan: Scan

  public init(_ scan: @escaping Scan) { self.scan = scan }

  /// The value, or, where a secret is found, the value with each member that holds one replaced by
  /// the name of the rule.
  func screened(_ value: JSONText) -> JSONText {
    guard let rule = scan(value) else { return value }
    let members = value.members
    guard !members.isEmpty else { return Self.replacement(rule) }
    var screened = value
    for member in members {
      guard let rule = scan(JSONText(object: [(member.name, member.value)])) else { continue }
      screened = screened.setting(member.name, to: Self.replacement(rule))
    }
    // A name can be the secret, and two halves in two members can be one.
    return scan(screened).map(Self.replacement) ?? screened
  }

  func screened(_ text: String) -> String {
    scan(JSONText(string: text)).map { "[\($0)]" } ?? text
  }

  private static func replacement(_ rule: String) -> JSONText { JSONText(string: "[\(rule)]") }
}
