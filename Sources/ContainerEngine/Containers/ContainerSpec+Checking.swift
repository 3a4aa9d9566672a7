extension ContainerSpec {
  /// What the engine must not be asked for, in words; nil if all is well. Some of it the engine
  /// would take and understand differently, such as a network called `host`.
  var fault: String? {
    if image.isEmpty { return "the image is empty" }
    if allTexts.contains(where: { $0.utf8.contains(0) }) { return "a text holds a NUL character" }
    return environmentFault ?? mountFault ?? networkFault ?? limitFault
  }

  private var allTexts: [String] {
    var texts = command + (entrypoint ?? []) + [image, user ?? "", workingDirectory ?? ""]
    texts += environment.flatMap { [$0.key, $0.value] } + labels.flatMap { [$0.key, $0.value] }
    return texts + mounts.map(\.target) + extraHosts.flatMap { [$0.name, $0.address] }
  }

  private var environmentFault: String? {
    environment.keys.contains { $0.isEmpty || $0.contains("=") }
      ? "the name of a variable is empty or holds =" : nil
  }

  private var mountFault: String? {
    for mount in mounts {
      if !Self.isAbsolute(mount.target) || mount.target == "/" {
        return "the target \"\(mount.target)\" of a mount is not an absolute path"
      }
      switch mount.source {
      case .bind(let path) where !Self.isAbsolute(path):
        return "the source \"\(path)\" of a mount is not an absolute path"
      case .volume(let name) where !Self.isName(name):
        return "\"\(name)\" is not the name of a volume"
      default: break
      }
    }
    guard Set(mounts.map(\.target)).count == mounts.count else {
      return "two mounts have the same target"
    }
    return tmpfs.keys.allSatisfy(Self.isAbsolute) ? nil : "a tmpfs is not at an absolute path"
  }

  /// Words that the engine reads as modes: `host` would give away the host's network.
  private static let reservedNetworks: Set = ["host", "none", "default", "bridge", "private"]

  private var networkFault: String? {
    switch network {
    case .none, .engineDefault: return nil
    case .container(let id): return Self.isName(id) ? nil : "\"\(id)\" is not a container's id"
    case .named(let names):
      if names.isEmpty { return "no network is named" }
      if Set(names).count != names.count { return "a network is named twice" }
      let bad = names.first { Self.reservedNetworks.contains($0) || !Self.isName($0) }
      return bad.map { "\"\($0)\" is not the name of a network of ours" }
    }
  }

  private var limitFault: String? {
    if !cpus.isFinite || cpus < 0 || cpus > 10_000 { return "the number of CPUs is out of range" }
    if memory < 0 { return "the memory is negative" }
    return pidsLimit > 0 ? nil : "the limit of processes must be positive"
  }

  private static func isAbsolute(_ path: String) -> Bool {
    path.hasPrefix("/") && !path.split(separator: "/").contains("..")
  }

  /// The engine's alphabet for names of containers, networks and volumes.
  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, isAlphanumeric(first), text.utf8.count <= 255 else {
      return false
    }
    return text.utf8.allSatisfy { isAlphanumeric($0) || "_.-".utf8.contains($0) }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }
}
