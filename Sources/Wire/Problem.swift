/// Something wrong with what an operator wrote: where it is, what it is, what would be right.
public struct Problem: Error, Sendable, Hashable {
  public enum Severity: String, Sendable, Hashable, Comparable {
    /// Nothing starts.
    case error
    /// Worth a line; the run goes on.
    case warning

    public static func < (one: Severity, other: Severity) -> Bool {
      one == .error && other == .warning
    }
  }

  public var severity: Severity
  /// A file as the operator named it, a flag (`--memory`) or a variable; the place to look.
  public var source: String
  /// 1-based; nil where the source has no lines.
  public var line: Int?
  public var column: Int?
  /// What is wrong. Never holds a secret's value.
  public var message: String
  /// What would be right, where we know it.
  public var hint: String?

  public init(
    _ severity: Severity = .error, source: String, line: Int? = nil, column: Int? = nil,
    _ message: String, hint: String? = nil
  ) {
    self.severity = severity
    self.source = source
    self.line = line
    self.column = column
    self.message = message
    self.hint = hint
  }
}

extension Problem: CustomStringConvertible {
  private static let longestLine = 2000

  /// `file:line:column: error: message (hint)`, the form editors jump to: one line, safe to print
  /// although messages quote files from anywhere.
  public var description: String {
    let place = [source, line.map(String.init), column.map(String.init)].compactMap(\.self)
    let advice = hint.map { " (\($0))" } ?? ""
    let line = "\(place.joined(separator: ":")): \(severity.rawValue): \(message)\(advice)"
    return PrintableText(line, limit: Self.longestLine).description
  }
}

extension [Problem] {
  public var hasErrors: Bool { contains { $0.severity == .error } }

  /// By place, so that an operator fixes a file from top to bottom.
  public var inReadingOrder: [Problem] {
    sorted {
      ($0.source, $0.line ?? 0, $0.column ?? 0) < ($1.source, $1.line ?? 0, $1.column ?? 0)
    }
  }
}
