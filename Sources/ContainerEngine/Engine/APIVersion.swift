/// A version of the Engine API.
public struct APIVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let major: Int
  public let minor: Int

  public init(major: Int, minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// Reads `1.41`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let major = Self.number(parts[0]), let minor = Self.number(parts[1])
    else { return nil }
    self.init(major: major, minor: minor)
  }

  private static func number(_ text: Substring) -> Int? {
    (1...4).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
      ? Int(text) : nil
  }

  /// The oldest we speak: that of engine 20.10.
  public static let oldest = APIVersion(major: 1, minor: 41)
  /// The newest whose meaning we know.
  public static let newest = APIVersion(major: 1, minor: 47)
  /// From here on a container may be created with several networks.
  static let manyNetworks = APIVersion(major: 1, minor: 44)

  public static func < (one: APIVersion, other: APIVersion) -> Bool {
    (one.major, one.minor) < (other.major, other.minor)
  }

  public var description: String { "\(major).\(minor)" }
}
