/// A value that must never be shown. Printing, interpolating, dumping and mirroring it show
/// nothing; only ``exposed`` gives it away, which makes every use easy to find.
public struct Secret: Sendable, Hashable {
  /// The value itself, for the create call of the container, a request header or the scanner.
  public let exposed: String

  public init(_ value: String) { exposed = value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "<secret>" }
  public var debugDescription: String { "<secret>" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
