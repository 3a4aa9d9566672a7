import Wire

/// Finds and reads the catalogs.
struct CatalogLoading {
  typealias Fetch = @Sendable (String) async throws -> [UInt8]

  let paths: FilePaths
  let fetch: Fetch

  private static let defaults = [
    ["docker-mcp.yaml"], [PublicCatalog.url],
    ["https://desktop.docker.com/mcp/catalog/v3/catalog.yaml"],
  ]

  /// A catalog to read and what it means if it is not there.
  private struct Place: Hashable {
    var address: String
    var absence: FileLoading.Absence
  }

  func catalogs(
    _ files: ConfigurationSources.Files, _ loading: inout FileLoading
  ) async -> [CatalogDocument] {
    var catalogs: [CatalogDocument] = []
    for place in places(files, &loading) {
      let source: CatalogDocument.Source
      let bytes: [UInt8]?
      if RemoteAddress.isRemote(place.address) {
        source = .fetched(url: RemoteAddress.shown(place.address))
        bytes = await fetched(place.address, &loading)
      } else {
        source = .localFile(path: place.address)
        bytes = loading.bytes(place.address, ifMissing: place.absence)
      }
      guard let bytes else { continue }
      let (catalog, problems) = CatalogDocument.decode(bytes, from: source)
      loading.problems += problems
      catalogs.append(catalog)
    }
    return catalogs
  }

  private func fetched(_ url: String, _ loading: inout FileLoading) async -> [UInt8]? {
    let shown = RemoteAddress.shown(url)
    do {
      return try await fetch(url)
    } catch let problem as Problem {
      loading.problems.append(problem)
    } catch let fault as Fault {
      loading.problems.append(Problem(source: shown, "it cannot be fetched: \(fault.message)"))
    } catch {
      loading.problems.append(Problem(source: shown, "it cannot be fetched: \(error)"))
    }
    return nil
  }

  /// In the order of precedence, none twice.
  private func places(
    _ files: ConfigurationSources.Files, _ loading: inout FileLoading
  ) -> [Place] {
    let index = index(&loading)
    let named = files.paths.map { ($0.trimmed, files.areExplicit) }
    var places = named.filter { !$0.0.isEmpty }
      .map { place($0.0, isExplicit: $0.1, index: index) }
    if Self.defaults.contains(files.paths) {
      places += index.names.map { name in
        Place(
          address: paths.catalog(name + ".yaml"),
          absence: .warning(hint: "catalog.json names it; import it again or remove it there"))
      }
    }
    places += files.additional.map(\.trimmed).filter { !$0.isEmpty }
      .map { place($0, isExplicit: true, index: index) }
    var seen: Set<String> = []
    return places.filter { seen.insert($0.address).inserted }
  }

  private func index(_ loading: inout FileLoading) -> CatalogIndex {
    let path = paths.settings("catalog.json")
    guard let bytes = loading.bytes(path, ifMissing: .empty) else { return CatalogIndex(names: []) }
    let (index, problems) = CatalogIndex.decode(bytes, source: path)
    loading.problems += problems
    return index
  }

  private func place(_ entry: String, isExplicit: Bool, index: CatalogIndex) -> Place {
    if RemoteAddress.isRemote(entry) {
      return Place(address: Self.upgraded(entry), absence: .empty)
    }
    let isPath = ["/", "./", "../"].contains(where: entry.hasPrefix) || entry.hasSuffix(".yaml")
    let file = !isPath && index.names.contains(entry) ? entry + ".yaml" : entry
    let hint = "a path without ./ or / in front is below \(paths.mcpFolder)/catalogs"
    return Place(
      address: paths.catalog(file), absence: isExplicit ? .error(hint: hint) : .empty)
  }

  /// The public catalog was once announced with plain http.
  private static func upgraded(_ url: String) -> String {
    let plain = "http://desktop.docker.com/"
    return url.hasPrefix(plain) ? "https" + url.dropFirst(4) : url
  }
}
