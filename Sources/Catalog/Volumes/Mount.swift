/// A mount of a container that the volume rules allow.
public struct Mount: Sendable, Hashable {
  public enum Source: Sendable, Hashable {
    /// An absolute path of the host with every symbolic link resolved.
    case hostPath(String)
    case namedVolume(String)
    case anonymousVolume
  }

  public var source: Source
  /// Absolute path in the container.
  public var target: String
  public var isWritable: Bool
}

/// Which host paths the operator lets servers mount.
public struct VolumeGrants: Sendable, Hashable {
  /// Roots of `MCP_GATEWAY_DOCKER_BIND_ALLOWED_PATHS`: anything below may be mounted read-only.
  public var readableRoots: [String]
  /// Exact paths of `MCP_GATEWAY_DOCKER_BIND_ALLOW_WRITABLE_PATHS`.
  public var writablePaths: [String]

  public init(readableRoots: [String] = [], writablePaths: [String] = []) {
    self.readableRoots = readableRoots
    self.writablePaths = writablePaths
  }
}
