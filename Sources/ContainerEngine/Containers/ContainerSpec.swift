/// All that the engine is told about a container. Made by ``hardened(image:command:cpus:memory:readOnlyRoot:)``,
/// so that leaving something out leaves it safe.
public struct ContainerSpec: Sendable, Hashable {
  /// The image's Id (`sha256:…`), so that what was checked is what runs.
  public var image: String
  /// Empty: the image's own command.
  public var command: [String]
  /// Nil: the image's own entrypoint.
  public var entrypoint: [String]?
  /// May hold secrets; travels in the create call only and is never logged or described.
  public var environment: [String: String] = [:]
  public var labels: [String: String] = [:]
  /// Nil: the image's own user.
  public var user: String?
  public var workingDirectory: String?
  public var mounts: [ContainerMount] = []
  public var network = ContainerNetwork.none
  /// Lines for /etc/hosts: name to address.
  public var extraHosts: [ExtraHost] = []
  /// 0: no limit.
  public var cpus: Double
  /// In bytes, swap included; 0: no limit.
  public var memory: Int64
  public var pidsLimit: Int = 256
  /// Capabilities given back after all are dropped, such as `SETUID`.
  public var addedCapabilities: [String] = []
  public var isReadOnlyRoot: Bool
  /// In-memory file systems by path.
  public var tmpfs: [String: Tmpfs] = [:]
  public var ulimits = [Ulimit("core", 0), Ulimit("nofile", 8192)]
  /// A first process that reaps and forwards signals. Some engines lack it; their answer says so.
  public var hasInit = true
  /// Makes the kernel take a server before anything of the host when memory runs out.
  public var oomScoreAdjustment = 500
  public var shmSize: Int64 = 64 << 20
  /// Removed by the engine when it ends, whatever happens to us.
  public var isRemovedAfterExit = true
  /// How long `stop` waits before it kills; nil: the engine's 10 seconds.
  public var stopTimeout: Int?
  /// The JSON text of a seccomp profile; nil: the engine's own.
  public var seccompProfile: String?
  /// Whether the engine keeps what the container prints, for ``Engine/logsTail(_:bytes:)``.
  public var logging = ContainerLogging.none
  /// Whether standard input is open; it ends for good with the first attachment.
  public var hasInput = true

  /// A container with no capabilities, no way to new privileges, private namespaces, no network
  /// and bounded resources.
  ///
  /// - Parameter readOnlyRoot: also puts a bounded in-memory `/tmp` over the image's.
  public static func hardened(
    image: String, command: [String] = [], cpus: Double = 1, memory: Int64 = 2 << 30,
    readOnlyRoot: Bool = false
  ) -> ContainerSpec {
    var spec = ContainerSpec(
      image: image, command: command, cpus: cpus, memory: memory, isReadOnlyRoot: readOnlyRoot)
    if readOnlyRoot { spec.tmpfs["/tmp"] = Tmpfs() }
    return spec
  }

  init(image: String, command: [String], cpus: Double, memory: Int64, isReadOnlyRoot: Bool) {
    self.image = image
    self.command = command
    self.cpus = cpus
    self.memory = memory
    self.isReadOnlyRoot = isReadOnlyRoot
  }
}

// Environment values are secrets and commands can hold them: a specification that ends up in a log
// line, a test failure or a debugger shows neither.
extension ContainerSpec: CustomStringConvertible, CustomReflectable {
  public var description: String {
    "container of \(image) with \(environment.count) variables and \(mounts.count) mounts"
  }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// How a container reaches others.
public enum ContainerNetwork: Sendable, Hashable {
  /// Only its own loopback.
  case none
  /// The engine's default bridge.
  case engineDefault
  /// The network namespace of another container.
  case container(String)
  /// These networks; at least one.
  case named([String])
}

public struct ExtraHost: Sendable, Hashable {
  public var name: String
  public var address: String

  public init(name: String, address: String) {
    self.name = name
    self.address = address
  }
}

/// A part of the host, or a volume, shown to a container.
public struct ContainerMount: Sendable, Hashable {
  public enum Source: Sendable, Hashable {
    /// An absolute path of the engine's machine. Missing is an error, never created.
    case bind(String)
    /// A named volume.
    case volume(String)
    /// A volume of the container's own, removed with it.
    case anonymousVolume
  }

  public var source: Source
  /// An absolute path inside the container.
  public var target: String
  public var isReadOnly: Bool

  public init(_ source: Source, target: String, isReadOnly: Bool) {
    self.source = source
    self.target = target
    self.isReadOnly = isReadOnly
  }
}

/// An in-memory file system: bounded in size and in files, without devices and set-uid programs.
public struct Tmpfs: Sendable, Hashable {
  public var size: Int64
  public var inodes: Int
  /// Whether programs may be run from it.
  public var allowsExecution: Bool

  public init(size: Int64 = 256 << 20, inodes: Int = 20_000, allowsExecution: Bool = false) {
    self.size = size
    self.inodes = inodes
    self.allowsExecution = allowsExecution
  }
}

/// A limit that no process of the container can raise.
public struct Ulimit: Sendable, Hashable {
  public var name: String
  public var value: Int

  public init(_ name: String, _ value: Int) {
    self.name = name
    self.value = value
  }
}

/// What the engine keeps of a container's output.
public enum ContainerLogging: Sendable, Hashable {
  case none
  /// About this many bytes, in one file that goes with the container.
  case bounded(Int64)
}
