import Wire

/// Reads the local files of a configuration, remembering which ones to watch and what was wrong.
struct FileLoading {
  private(set) var watched: [WatchedFile] = []
  var problems: [Problem] = []

  /// What a missing file means.
  enum Absence: Sendable, Hashable {
    /// As if it were empty.
    case empty
    case warning(hint: String)
    case error(hint: String)
  }

  /// Nil where there is nothing to read; if that is wrong it was reported.
  mutating func bytes(_ path: String, ifMissing absence: Absence) -> [UInt8]? {
    switch content(path, maximumBytes: 4 << 20) {
    case .file(let bytes, let mode, _):
      warnIfOthersMayWrite(path, mode)
      return bytes
    case .folder: problems.append(Problem(source: path, "it is a folder, not a file"))
    case .unreadable(let reason):
      problems.append(Problem(source: path, "it cannot be read: \(reason)"))
    case .missing:
      switch absence {
      case .empty: break
      case .warning(let hint):
        problems.append(Problem(.warning, source: path, "there is no such file", hint: hint))
      case .error(let hint):
        problems.append(Problem(source: path, "there is no such file", hint: hint))
      }
    }
    return nil
  }

  mutating func content(_ path: String, maximumBytes: Int) -> LocalFile.Content {
    if !watched.contains(where: { $0.path == path }) { watched.append(WatchedFile(path)) }
    return LocalFile.read(path, maximumBytes: maximumBytes)
  }

  /// What anybody can write is not the operator's word.
  private mutating func warnIfOthersMayWrite(_ path: String, _ mode: UInt32) {
    guard mode & 0o002 != 0 else { return }
    problems.append(
      Problem(
        .warning, source: path, "every user of this host can change this file",
        hint: "chmod o-w \(path)"))
  }

  /// Reads the files of one flag, in their order, and decodes each.
  mutating func decodeAll<File>(
    _ files: ConfigurationSources.Files, _ paths: FilePaths,
    _ decode: ([UInt8], String) -> (File, [Problem])
  ) -> [(path: String, file: File)] {
    let named = files.paths.map { ($0, files.areExplicit) } + files.additional.map { ($0, true) }
    return named.filter { !$0.0.trimmed.isEmpty }.compactMap { entry, isExplicit in
      let path = paths.settings(entry)
      let hint = "a path without ./ or / in front is below \(paths.mcpFolder)"
      guard let bytes = bytes(path, ifMissing: isExplicit ? .error(hint: hint) : .empty) else {
        return nil
      }
      let (file, found) = decode(bytes, path)
      problems += found
      return (path, file)
    }
  }
}
