import Policy
import Wire

/// What `--interceptor` says: `when:type:argument`, split at the first two colons only, as Docker's
/// gateway does, so that a shell line or a URL may hold colons and commas.
public struct HookSpec: Sendable, Hashable {
  /// On which side of the server the hook stands.
  public typealias When = HookRule.When

  /// How the hook is asked.
  public enum Kind: String, Sendable, Hashable, CaseIterable { case exec, http, docker }

  /// Why a text is no hook, and what would be right. Quotes words, never the argument: a shell line
  /// or a URL may hold a secret.
  public struct Flaw: Error, Sendable, Hashable {
    public let message: String
    public let hint: String
  }

  public var when: When
  public var kind: Kind
  /// The shell line, the URL, or the image and its arguments.
  public var argument: String

  public init(_ when: When, _ kind: Kind, _ argument: String) {
    self.when = when
    self.kind = kind
    self.argument = argument
  }

  public init(parsing text: String) throws(Flaw) {
    let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else {
      throw Flaw(message: "is not of the form when:type:argument", hint: Self.form)
    }
    guard let when = When(rawValue: parts[0].lowercased()) else {
      throw Flaw(
        message: "\(Self.quote(parts[0])) is neither before nor after", hint: Self.form)
    }
    guard let kind = Kind(rawValue: parts[1].lowercased()) else {
      throw Flaw(
        message: "\(Self.quote(parts[1])) is none of exec, http and docker", hint: Self.form)
    }
    let argument = String(parts[2])
    guard argument.contains(where: { !$0.isWhitespace }) else {
      throw Flaw(message: "says nothing to \(kind.verb)", hint: Self.form)
    }
    guard !argument.contains("\0") else {
      throw Flaw(message: "holds a NUL character", hint: Self.form)
    }
    self.init(when, kind, argument)
  }

  private static let form =
    "write before:exec:COMMAND, after:http:URL, before:docker:IMAGE ARGUMENTS or the like"

  private static func quote(_ word: Substring) -> String {
    "\"\(PrintableText(word, limit: 40))\""
  }
}

extension HookSpec.Kind {
  fileprivate var verb: String {
    switch self {
    case .exec: "run"
    case .http: "ask"
    case .docker: "start"
    }
  }
}
