/// How much of a message we are willing to read before we refuse it.
public struct JSONLimits: Sendable, Hashable {
  /// Largest text in bytes.
  public var maximumBytes: Int
  /// Deepest nesting of arrays and objects; a scalar has depth 0.
  public var maximumDepth: Int
  /// Most values and member names in one text.
  public var maximumValues: Int

  public init(
    maximumBytes: Int = 4 << 20, maximumDepth: Int = 128, maximumValues: Int = 1_000_000
  ) {
    self.maximumBytes = maximumBytes
    self.maximumDepth = maximumDepth
    self.maximumValues = maximumValues
  }

  /// A message from a client: a request is small.
  public static let fromClient = JSONLimits()
  /// A message from a server: results can be large.
  public static let fromServer = JSONLimits(maximumBytes: 32 << 20)
}
