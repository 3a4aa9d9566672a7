/// A value the gateway injects into a server, so nobody else may see it.
public struct ExactSecret: Sendable, Hashable {
  public let name: String
  let value: String

  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// Printing a secret, or a value that holds one, shows its name only.
extension ExactSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "ExactSecret(\(name))" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

/// A secret whose value cannot be looked for without refusing ordinary text.
public struct UnscannableSecret: Sendable, Hashable, CustomStringConvertible {
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    case tooShort = "its value is shorter than 6 bytes"
    case tooCommon = "its value is a common word"
  }

  public let name: String
  public let reason: Reason

  public var description: String {
    "secret \(name) is not looked for in messages: \(reason.rawValue); use a longer random value"
  }
}
