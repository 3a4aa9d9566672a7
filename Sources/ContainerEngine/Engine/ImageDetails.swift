import Wire

/// What the engine knows of an image it has. Labels, user and the rest come from whoever built the
/// image: data, not instructions.
public struct ImageDetails: Sendable, Hashable {
  /// `sha256:…`: the digest of its configuration. Containers are created by this.
  public let id: String
  /// `name:tag`, in the engine's short spelling.
  public let tags: [String]
  /// `name@sha256:…`: the manifests by which it was pulled, in the engine's short spelling.
  public let digests: [String]
  public let labels: [String: String]
  /// `NAME=value` lines.
  public let environment: [String]
  /// Empty: root.
  public let user: String
  public let entrypoint: [String]
  public let command: [String]
  public let workingDirectory: String
  /// Paths for which the engine makes anonymous volumes.
  public let volumes: [String]
  public let architecture: String
  public let operatingSystem: String
  /// In bytes.
  public let size: Int

  init?(_ json: JSONText) {
    guard let id = json["Id"]?.string, !id.isEmpty else { return nil }
    let config = json["Config"]
    self.id = id
    tags = json["RepoTags"]?.stringElements ?? []
    digests = json["RepoDigests"]?.stringElements ?? []
    labels = config?["Labels"]?.stringMembers ?? [:]
    environment = config?["Env"]?.stringElements ?? []
    user = config?["User"]?.string ?? ""
    entrypoint = config?["Entrypoint"]?.stringElements ?? []
    command = config?["Cmd"]?.stringElements ?? []
    workingDirectory = config?["WorkingDir"]?.string ?? ""
    volumes = config?["Volumes"]?.members.map(\.name) ?? []
    architecture = json["Architecture"]?.string ?? ""
    operatingSystem = json["Os"]?.string ?? ""
    size = json["Size"]?.int ?? 0
  }

  /// Whether the engine has it under exactly this name and digest.
  public func isKnown(as reference: ImageReference) -> Bool {
    guard let digest = reference.digest else {
      let wanted = reference.withDefaultTag
      return tags.contains { (try? ImageReference($0)) == wanted }
    }
    return digests.contains {
      guard let known = try? ImageReference($0) else { return false }
      return known.repository == reference.repository && known.digest == digest
    }
  }
}
