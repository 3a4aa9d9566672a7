/// How the paths of flags are understood.
struct FilePaths: Sendable, Hashable {
  let mcpFolder: String
  let workingFolder: String

  /// Registry, config and tools files: absolute, relative to the working folder with `./`, and
  /// otherwise below the mcp folder, `../x` included.
  func settings(_ path: String) -> String { resolve(path, below: mcpFolder) }

  /// Catalogs by the same rule, but below `catalogs` of the mcp folder.
  func catalog(_ path: String) -> String { resolve(path, below: mcpFolder + "/catalogs") }

  /// Secrets: as given, relative to the working folder.
  func secrets(_ path: String) -> String {
    HostPath.clean(path.hasPrefix("/") ? path : workingFolder + "/" + path)
  }

  private func resolve(_ path: String, below folder: String) -> String {
    if path.hasPrefix("/") { return HostPath.clean(path) }
    return HostPath.clean((path.hasPrefix("./") ? workingFolder : folder) + "/" + path)
  }
}
