/// Host paths that no grant opens: from them a server could take over the host or its owner.
enum ForbiddenPlaces {
  private static let folders = [
    "/boot", "/dev", "/etc", "/proc", "/root", "/run", "/sys", "/var/log", "/var/run",
    "/var/lib/docker", "/var/lib/containerd",
  ]

  /// Files and folders with credentials, wherever they are, in lower case.
  private static let names: Set<String> = [
    ".aws", ".azure", ".bash_history", ".config", ".docker", ".env", ".git-credentials", ".gnupg",
    ".kube", ".mozilla", ".netrc", ".npmrc", ".pypirc", ".ssh", ".zsh_history", "id_dsa",
    "id_ecdsa", "id_ed25519", "id_rsa",
  ]

  /// `path` must be clean and free of links.
  static func check(_ path: String) throws(VolumeRefusal) {
    if let folder = folders.first(where: { HostPath.isInside(path, $0) }) {
      throw VolumeRefusal("nothing under \(folder) is ever mounted", path: path)
    }
    // A folder above would bring the forbidden one with it.
    if let folder = folders.first(where: { HostPath.isInside($0, path) }) {
      throw VolumeRefusal("it holds \(folder), which is never mounted", path: path)
    }
    let parts = path.lowercased().split(separator: "/").map(String.init)
    if let name = parts.first(where: names.contains) {
      throw VolumeRefusal("\(name) may hold credentials and is never mounted", path: path)
    }
  }
}
