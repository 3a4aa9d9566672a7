import Wire
import YAML

extension CatalogDocument {
  /// Where a catalog comes from, which decides how far it is trusted.
  public enum Source: Sendable, Hashable {
    case localFile(path: String)
    case fetched(url: String)

    var title: String {
      switch self {
      case .localFile(let path): path
      case .fetched(let url): url
      }
    }

    var isFetched: Bool {
      if case .fetched = self { true } else { false }
    }

    var limits: YAMLLimits {
      switch self {
      case .localFile: .localFile
      case .fetched: .fetched
      }
    }

    func origin(line: Int) -> ServerOrigin {
      switch self {
      case .localFile(let path): .localFile(path: path, line: line)
      case .fetched(let url): .fetched(url: url, line: line)
      }
    }
  }

  /// Reads a catalog. A server that is described wrongly is kept apart with its problems, so that
  /// it never takes the others down; `problems` has the rest: warnings, or the one error that made
  /// the whole text unreadable.
  public static func decode(
    _ bytes: [UInt8], from source: Source
  ) -> (catalog: CatalogDocument, problems: [Problem]) {
    var catalog = CatalogDocument(
      source: source.title, isFetched: source.isFetched, servers: [], unusable: [])
    let reader = YAMLReader(source: source.title)
    do {
      let document = try YAMLDocument(bytes, source: source.title, limits: source.limits)
      if let root = document.root, let fields = reader.fields(root, "a catalog") {
        let problems = catalog.fill(from: fields, source)
        return (catalog, problems)
      }
      return (catalog, reader.takeProblems())
    } catch {
      return (catalog, [error])
    }
  }

  private mutating func fill(from fields: YAMLFields, _ source: Source) -> [Problem] {
    let reader = fields.reader
    name = fields.string("name")
    displayName = fields.string("displayName")
    let entries = fields.entries("registry") ?? []
    fields.reportUnknown(as: .warning)
    if fields.node("registry") == nil {
      reader.report(
        .warning, at: fields.node, "there is no registry in it",
        hint: "a catalog has its servers under registry:")
    }
    var problems = reader.takeProblems()
    for entry in entries { problems += take(entry, reader, source) }
    guard source.isFetched else { return problems }
    return Self.summary(of: problems, in: source.title)
  }

  /// Returns the warnings about a usable server.
  private mutating func take(
    _ entry: YAMLEntry, _ reader: YAMLReader, _ source: Source
  ) -> [Problem] {
    var definition: ServerDefinition?
    if !Names.isServer(entry.key) {
      reader.report(
        atKeyOf: entry, "\(entry.key.forMessage) cannot be the name of a server",
        hint: "use letters, digits and . _ - /")
    } else if let fields = reader.fields(entry.value, "a server") {
      let origin = source.origin(line: entry.keyLine)
      definition =
        ServerDecoder(fields: fields, name: entry.key, origin: origin).definition()
      fields.reportUnknown(as: .warning)
    }
    let problems = reader.takeProblems()
    if let definition, !problems.hasErrors {
      servers.append(definition)
      return problems
    }
    unusable.append(UnusableServer(name: entry.key, problems: problems))
    return []
  }

  /// Nobody here can mend a catalog from the network: one line instead of hundreds.
  private static func summary(of problems: [Problem], in source: String) -> [Problem] {
    let errors = problems.filter { $0.severity == .error }
    let warnings = problems.filter { $0.severity == .warning }
    guard let first = warnings.first else { return errors }
    let rest = warnings.count == 1 ? "" : ", and \(warnings.count - 1) more like it"
    return errors + [
      Problem(
        .warning, source: source, line: first.line, column: first.column, first.message + rest)
    ]
  }
}
