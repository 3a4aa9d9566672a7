/// What an image runs on, in the words of image indexes.
public struct Platform: Sendable, Hashable, CustomStringConvertible {
  public let system: String
  public let architecture: String
  public let variant: String

  public init(system: String = "linux", architecture: String, variant: String = "") {
    self.system = system
    self.architecture = architecture
    self.variant = variant
  }

  /// That of this program.
  public static var own: Platform {
    #if arch(arm64)
      Platform(architecture: "arm64")
    #else
      Platform(architecture: "amd64")
    #endif
  }

  public var description: String {
    "\(system)/\(architecture)\(variant.isEmpty ? "" : "/\(variant)")"
  }

  /// Whether an entry of an index is for this machine. The plain spellings of an architecture mean
  /// its first variant.
  func isServed(by other: Platform) -> Bool {
    system == other.system && architecture == other.architecture
      && plainVariant == other.plainVariant
  }

  private var plainVariant: String {
    switch (architecture, variant) {
    case ("arm64", ""): "v8"
    case ("amd64", ""): "v1"
    case ("arm", ""): "v7"
    default: variant
    }
  }
}
