/// Decides which volumes a definition may mount.
struct VolumeRules: Sendable, Hashable {
  let grants: VolumeGrants
  /// A definition from the network gets no default roots and no named volumes.
  let isTrusted: Bool
  /// Relative sources start here.
  let workingFolder: String
  /// What `~/` stands for.
  let homeFolder: String?

  /// Readable without a grant for the operator's own definitions, as with Docker's gateway.
  private static let defaultRoots = ["/tmp", "/var/tmp"]
  private static let readableVariable = "MCP_GATEWAY_DOCKER_BIND_ALLOWED_PATHS"
  private static let writableVariable = "MCP_GATEWAY_DOCKER_BIND_ALLOW_WRITABLE_PATHS"

  /// The check happens before the engine looks at the path, so who can write to a granted root can
  /// still swap a folder for a link in between; grant only roots where nobody else writes.
  func mount(_ text: TemplateText) throws(VolumeRefusal) -> Mount {
    let spec = try VolumeSpec(text)
    switch spec.source {
    case .anonymous:
      return Mount(source: .anonymousVolume, target: spec.target, isWritable: true)
    case .named(let name):
      guard isTrusted, !spec.isSourceFromData else {
        throw VolumeRefusal(
          "a named volume may hold another server's data; the source must be an absolute path",
          path: name)
      }
      let isWritable = try wantsWriting(spec) ?? true
      return Mount(source: .namedVolume(name), target: spec.target, isWritable: isWritable)
    case .path(let path):
      return try hostMount(path, spec)
    }
  }

  private func hostMount(_ path: String, _ spec: VolumeSpec) throws(VolumeRefusal) -> Mount {
    do {
      let source = try HostPath.resolvingLinks(absolute(path))
      try ForbiddenPlaces.check(source)
      if try HostPath.kind(of: source) == .other {
        throw VolumeRefusal("it is a socket, a device or a pipe", path: source)
      }
      let mayWrite = try writablePaths().contains(source)
      guard try mayWrite || readableRoots().contains(where: { HostPath.isInside(source, $0) })
      else {
        throw VolumeRefusal(
          "it is outside the folders that may be mounted", path: source,
          hint: "allow its folder with \(Self.readableVariable)")
      }
      let isWritable = try wantsWriting(spec) ?? mayWrite
      guard mayWrite || !isWritable else {
        throw VolumeRefusal(
          "it may only be mounted read-only", path: source,
          hint: "write :ro, or allow writing to exactly this path with \(Self.writableVariable)")
      }
      return Mount(source: .hostPath(source), target: spec.target, isWritable: isWritable)
    } catch let refusal as VolumeRefusal {
      throw refusal
    } catch {
      throw VolumeRefusal("it cannot be looked at", path: path)
    }
  }

  private func absolute(_ path: String) throws(VolumeRefusal) -> String {
    if path.hasPrefix("/") { return path }
    if path == "~" || path.hasPrefix("~/") {
      guard let homeFolder else { throw VolumeRefusal("the home folder is not known", path: path) }
      return homeFolder + path.dropFirst()
    }
    return workingFolder + "/" + path
  }

  /// What the mode asks for; nil where there is none. Only words whose effect is known: `z`, `Z`
  /// relabel host files, `shared` lets mounts travel back to the host.
  private func wantsWriting(_ spec: VolumeSpec) throws(VolumeRefusal) -> Bool? {
    guard !spec.modes.isEmpty else { return nil }
    guard spec.modes.allSatisfy({ ["ro", "readonly", "rw"].contains($0) }) else {
      throw VolumeRefusal("the mode must be ro or rw")
    }
    return spec.modes.contains("rw")
  }

  private func readableRoots() throws(HostPath.Unreadable) -> [String] {
    let roots = (isTrusted ? Self.defaultRoots : []) + grants.readableRoots
    return try roots.map { root throws(HostPath.Unreadable) in
      try HostPath.resolvingLinks(root)
    }
  }

  private func writablePaths() throws(HostPath.Unreadable) -> [String] {
    try grants.writablePaths.map { path throws(HostPath.Unreadable) in
      try HostPath.resolvingLinks(path)
    }
  }
}
