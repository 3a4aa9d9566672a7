import Wire

/// One catalog: the servers it describes, and those it describes wrongly.
public struct CatalogDocument: Sendable, Hashable {
  /// The path or URL it was read from.
  public var source: String
  /// Whether it was written by strangers: it is data then, and never goes before a local one.
  public var isFetched: Bool
  public var name: String?
  public var displayName: String?
  /// In the order of the file.
  public var servers: [ServerDefinition]
  public var unusable: [UnusableServer]
}
