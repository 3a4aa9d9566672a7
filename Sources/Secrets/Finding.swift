import Wire

/// How bad it is when the value gets out.
public enum Severity: String, Sendable, Hashable, CaseIterable, Comparable {
  case medium, high, critical

  public static func < (one: Severity, other: Severity) -> Bool { one.rank < other.rank }
  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// A secret was seen. Says which rule and where, never what: it may be logged and shown.
public struct Finding: Sendable, Hashable, CustomStringConvertible {
  /// What saw it.
  public enum Rule: Sendable, Hashable {
    /// A detector, by its id.
    case detector(String)
    /// A value the gateway injected, by the secret's name.
    case exact(String)

    /// `github-pat`, or `exact:SECRET_NAME`.
    public var name: String {
      switch self {
      case .detector(let id): id
      case .exact(let name): "exact:\(name)"
      }
    }
  }

  public let rule: Rule
  /// Path from the scanned value, such as `content[0].text`; empty for the value itself and for
  /// plain text. Member names that hold secrets themselves are shown as `?`.
  public let path: JSONPath
  public let severity: Severity

  /// `github-pat`, or `exact:SECRET_NAME`.
  public var ruleName: String { rule.name }

  public var description: String {
    path.steps.isEmpty ? ruleName : "\(ruleName) at \(path)"
  }
}
