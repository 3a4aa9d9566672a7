import Wire

/// The result of reading all files: complete even where some of them are wrong.
public struct LoadedConfiguration: Sendable {
  /// Sorted by name.
  public var enabled: [ResolvedServer]
  /// Enabled by the operator, but wrong; sorted by name. Their problems are not repeated in
  /// ``problems``.
  public var unusable: [UnusableServer]
  /// Servers named by their image, whose labels must be read before they can be resolved with
  /// ``resolve(_:label:)``.
  public var imagesToDescribe: [ImageArgument]
  /// Every catalog that could be read, in the order of precedence: the last one wins.
  public var catalogs: [CatalogDocument]
  public var toolFilter: ToolFilter
  /// An error among them means that nothing may start.
  public var problems: [Problem]
  /// Absolute paths of the local files that were read or would be read if they existed.
  public var watchedFiles: [String]
}

/// A server that the operator wants and that cannot run as it is described.
public struct UnusableServer: Sendable, Hashable {
  public var name: String
  public var problems: [Problem]

  public init(name: String, problems: [Problem]) {
    self.name = name
    self.problems = problems
  }
}

/// A server named by its image: `docker.io/ns/repo:tag` or `docker://ns/repo:tag`.
public struct ImageArgument: Sendable, Hashable {
  /// As the operator wrote it.
  public var argument: String
  /// What to pull.
  public var reference: String
}
