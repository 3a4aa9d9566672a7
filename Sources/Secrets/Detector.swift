/// One kind of credential: the text by which it is found, the shape that proves it, and examples.
///
/// Anchors are found by one pass over the text for all detectors together, so a detector without
/// one does not load: a pattern with nothing fixed in it would be tried at every byte.
public struct Detector: Sendable {
  /// Fixed text of three or more bytes that every credential of the kind holds, or that names it.
  public struct Anchor: Sendable, Hashable, ExpressibleByStringLiteral {
    public let text: String
    public let ignoresCase: Bool

    public init(stringLiteral text: String) {
      self.init(text)
    }

    public init(_ text: String, ignoresCase: Bool = false) {
      self.text = text
      self.ignoresCase = ignoresCase
    }

    /// Names are written in every case.
    public static func anyCase(_ text: String) -> Anchor { Anchor(text, ignoresCase: true) }
    static let shortest = 3
  }

  /// Stable, documented in docs/secrets.md, named in refusals and policies.
  public let id: String
  /// What it is, for people.
  public let title: String
  public let severity: Severity
  let anchors: [Anchor]
  let shape: Shape
  private let positive: @Sendable () -> [String]
  private let negative: @Sendable () -> [String]

  /// Texts the detector must find something in. Made on demand from generated values, so that no
  /// source file holds a complete token.
  public var finds: [String] { positive() }
  /// Texts the detector must stay silent about.
  public var ignores: [String] { negative() }

  public init(
    _ id: String, _ title: String, severity: Severity = .high, anchors: [Anchor], shape: Shape,
    finds: @escaping @autoclosure @Sendable () -> [String],
    ignores: @escaping @autoclosure @Sendable () -> [String]
  ) {
    self.id = id
    self.title = title
    self.severity = severity
    self.anchors = anchors
    self.shape = shape
    positive = finds
    negative = ignores
  }
}
