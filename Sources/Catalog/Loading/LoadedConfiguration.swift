import Wire

/// The result of reading all files: complete even where some of them are wrong.
public struct LoadedConfiguration: Sendable {
  /// Sorted by name.
  public internal(set) var enabled: [ResolvedServer] = []
  /// Enabled by the operator, but wrong; sorted by name. Their problems are not repeated in
  /// ``problems``.
  public internal(set) var unusable: [UnusableServer] = []
  /// Servers named by their image, whose labels must be read before they can run: see
  /// ``adding(_:)``. Sorted.
  public internal(set) var imagesToDescribe: [ImageArgument] = []
  /// Every catalog that could be read, in the order of precedence: the last one wins.
  public internal(set) var catalogs: [CatalogDocument] = []
  public internal(set) var toolFilter = ToolFilter.everything
  /// An error among them means that nothing may start.
  public internal(set) var problems: [Problem] = []
  /// The local files that were read or would be read if they existed.
  public internal(set) var watchedFiles: [WatchedFile] = []

  /// What a server needs to be resolved later, when its label is known.
  let resolver: ServerResolver

  init(resolver: ServerResolver) { self.resolver = resolver }

  /// The definition of a server that counts: that of the last catalog which describes it.
  public func definition(of server: String) -> ServerDefinition? {
    if case .usable(let definition) = CatalogIndexByName(catalogs)[server] {
      definition
    } else {
      nil
    }
  }
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
  public let argument: String
  /// What to pull.
  public let reference: String

  /// Nil for a name of another form, which is looked up in the catalogs.
  public init?(_ argument: String) {
    guard let prefix = ["docker.io/", "docker://"].first(where: argument.hasPrefix) else {
      return nil
    }
    self.argument = argument
    // `docker.io/localhost/x` without its registry would be an image of another one.
    reference = prefix == "docker://" ? String(argument.dropFirst(prefix.count)) : argument
  }
}

/// An image and what its label says.
public struct DescribedImage: Sendable, Hashable {
  public var image: ImageArgument
  /// The value of the label ``ImageLabel/key``; nil where the image has none.
  public var label: String?

  public init(_ image: ImageArgument, label: String?) {
    self.image = image
    self.label = label
  }
}
