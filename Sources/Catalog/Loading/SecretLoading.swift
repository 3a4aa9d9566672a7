import Wire

extension FileLoading {
  /// The sources of `--secrets`. Where `docker-desktop` stands, `desktopStores` are asked: without
  /// Docker Desktop it is a source like any other that has nothing.
  mutating func secrets(
    _ sources: [String], _ paths: FilePaths, desktopStores: [any SecretSource]
  ) -> SecretChain {
    var chain = SecretChain(sources: [])
    for source in sources.map(\.trimmed) where !source.isEmpty {
      if source == "docker-desktop" {
        chain.sources += desktopStores
      } else if let found = secretSource(paths.secrets(source)) {
        chain.sources.append(found)
      }
    }
    return chain
  }

  private mutating func secretSource(_ path: String) -> (any SecretSource)? {
    switch content(path, maximumBytes: 4 << 20) {
    case .folder: return SecretFolder(path: path, title: path)
    case .file(let bytes, let mode, _):
      warnIfOthersMayRead(path, mode)
      let (file, found) = SecretFile.decode(bytes, source: path)
      problems += found
      return file
    case .unreadable(let reason):
      problems.append(Problem(source: path, "it cannot be read: \(reason)"))
    case .missing:
      problems.append(
        Problem(
          .warning, source: path, "there is no such file of secrets",
          hint: "secret paths are relative to the working folder"))
    }
    return nil
  }

  /// Mounts of an orchestrator are readable for everybody, within a container where nobody else is.
  private mutating func warnIfOthersMayRead(_ path: String, _ mode: UInt32) {
    guard mode & 0o044 != 0, !path.hasPrefix("/run/secrets/") else { return }
    problems.append(
      Problem(
        .warning, source: path, "other users of this host can read these secrets",
        hint: "chmod 600 \(path)"))
  }
}
