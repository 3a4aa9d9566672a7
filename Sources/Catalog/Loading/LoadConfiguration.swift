import Wire
import YAML

/// Reads all files and puts them together. It never fails as a whole: what is wrong is in the
/// result, and an error among its problems means that nothing may start.
///
/// - Parameters:
///   - desktopStores: stand where `docker-desktop` is among the secret sources.
///   - fetch: reads a catalog from the network, within limits of its own.
public func loadConfiguration(
  _ sources: ConfigurationSources, desktopStores: [any SecretSource] = [],
  fetch: @escaping @Sendable (String) async throws -> [UInt8]
) async -> LoadedConfiguration {
  let paths = FilePaths(mcpFolder: sources.mcpFolder, workingFolder: sources.workingFolder)
  var loading = FileLoading()
  loading.problems += sources.volumeGrants.problems
  let catalogs = await CatalogLoading(paths: paths, fetch: fetch)
    .catalogs(sources.catalogs, &loading)
  let wanted = WantedServers(sources, paths, &loading)
  let resolver = ServerResolver(
    sections: loading.sections(sources.configs, paths),
    secrets: loading.secrets(sources.secretSources, paths, desktopStores: desktopStores),
    grants: sources.volumeGrants, workingFolder: sources.workingFolder,
    homeFolder: sources.homeFolder)
  var configuration = LoadedConfiguration(resolver: resolver)
  configuration.catalogs = catalogs
  configuration.toolFilter = loading.toolFilter(sources, paths)
  configuration.watchedFiles = loading.watched
  configuration.problems = loading.problems
  await configuration.enable(wanted)
  return configuration
}

extension LoadedConfiguration {
  fileprivate mutating func enable(_ wanted: WantedServers) async {
    let index = CatalogIndexByName(catalogs)
    problems += index.conflicts
    let places =
      wanted.includesAll ? index.names.map { WantedServers.Place(name: $0) } : wanted.places
    for place in places {
      if let image = ImageArgument(place.name) {
        imagesToDescribe.append(image)
        continue
      }
      switch index[place.name] {
      case .usable(let definition): take(await resolver.resolve(definition))
      case .unusable(let server): unusable.append(server)
      case nil: problems.append(place.notFound(among: index.names))
      }
    }
    mentionUnusable(index, except: Set(places.map(\.name)))
    sort()
  }

  /// What is wrong in servers that nobody enabled is worth knowing, but stops nothing.
  private mutating func mentionUnusable(_ index: CatalogIndexByName, except enabled: Set<String>) {
    for catalog in catalogs {
      let unusable = catalog.unusable.filter { !enabled.contains($0.name) }
      if catalog.isFetched {
        guard let first = unusable.first?.problems.first else { continue }
        problems.append(
          Problem(
            .warning, source: catalog.source, line: first.line, column: first.column,
            "\(unusable.count) of its servers cannot be used; the first: \(first.message)"))
      } else {
        problems += unusable.flatMap(\.problems).map { problem in
          var warning = problem
          warning.severity = .warning
          return warning
        }
      }
    }
  }
}

extension FileLoading {
  /// A later file replaces a whole section.
  fileprivate mutating func sections(
    _ files: ConfigurationSources.Files, _ paths: FilePaths
  ) -> [String: JSONText] {
    var sections: [String: JSONText] = [:]
    for (path, file) in decodeAll(files, paths, { ConfigFile.decode($0, source: $1) }) {
      for section in file.sections {
        let earlier = sections.updateValue(section.values, forKey: section.server)
        if earlier != nil { warnOfReplacing("section", section.server, path, section.line) }
      }
    }
    return sections
  }

  fileprivate mutating func toolFilter(
    _ sources: ConfigurationSources, _ paths: FilePaths
  ) -> ToolFilter {
    let entries = sources.tools.filter { !$0.trimmed.isEmpty }
    if !entries.isEmpty { return ToolFilter(entries: entries) }
    var lists: [String: [String]] = [:]
    for (path, file) in decodeAll(sources.toolsConfigs, paths, { ToolsFile.decode($0, source: $1) })
    {
      for list in file.lists {
        let earlier = lists.updateValue(list.tools, forKey: list.server)
        if earlier != nil { warnOfReplacing("list of tools", list.server, path, list.line) }
      }
    }
    return ToolFilter(lists: lists)
  }

  private mutating func warnOfReplacing(
    _ what: String, _ server: String, _ path: String, _ line: Int
  ) {
    problems.append(
      Problem(
        .warning, source: path, line: line,
        "the \(what) of \(server.forMessage) replaces that of an earlier file"))
  }
}

extension VolumeGrants {
  /// A relative grant would mean another folder after each change of the working folder.
  fileprivate var problems: [Problem] {
    let named = [
      ("MCP_GATEWAY_DOCKER_BIND_ALLOWED_PATHS", readableRoots),
      ("MCP_GATEWAY_DOCKER_BIND_ALLOW_WRITABLE_PATHS", writablePaths),
    ]
    return named.flatMap { variable, paths in
      paths.filter { !$0.hasPrefix("/") }.map { path in
        Problem(source: variable, "\(path.forMessage) is not an absolute path")
      }
    }
  }
}
