import Wire
import YAML

/// Which servers the operator enabled, and where that is written.
struct WantedServers {
  struct Place: Hashable {
    var name: String
    /// Nil where it cannot be wrong, since the names were taken from the catalogs.
    var source: String?
    var line: Int?
    var column: Int?
  }

  /// None twice.
  private(set) var places: [Place] = []
  let includesAll: Bool

  /// `--servers` before everything, then all, then the registry files.
  init(_ sources: ConfigurationSources, _ paths: FilePaths, _ loading: inout FileLoading) {
    let named = sources.servers.map(\.trimmed).filter { !$0.isEmpty }
    includesAll = named.isEmpty && sources.enablesAllServers
    if !named.isEmpty {
      add(named.map { Place(name: $0, source: "--servers") })
    } else if !includesAll {
      let files = loading.decodeAll(sources.registries, paths) {
        RegistryFile.decode($0, source: $1)
      }
      for (path, file) in files {
        add(
          file.entries.map {
            Place(name: $0.server, source: path, line: $0.line, column: $0.column)
          })
      }
    }
  }

  private mutating func add(_ more: [Place]) {
    for place in more where !places.contains(where: { $0.name == place.name }) {
      places.append(place)
    }
  }
}

extension WantedServers.Place {
  func notFound(among names: [String]) -> Problem {
    let isImage = name.contains("/") && name.contains(where: { $0 == ":" || $0 == "." })
    let hint =
      NameSuggestion.hint(for: name, among: names)
      ?? (isImage ? "to run an image by its own description, write docker://\(name)" : nil)
    return Problem(
      .warning, source: source ?? "catalog", line: line, column: column,
      "server \(name.forMessage) is not found in any catalog and skipped", hint: hint)
  }
}
