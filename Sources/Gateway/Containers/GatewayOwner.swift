import Glibc

/// Identifies one running gateway in the labels of what it creates, so that a later gateway can tell
/// whether the owner of a container still lives.
struct GatewayOwner: Sendable, Hashable {
  /// The kernel's boot, which tells machines and reboots apart.
  let boot: String
  /// The process-id namespace in which `process` means something.
  let namespace: String
  let process: Int32
  /// When the process started, in clock ticks since boot: process ids are used again.
  let startTime: UInt64
  /// The engine's id of the container that the gateway runs in, if it does.
  let container: String?

  static let label = "docker-mcp-gateway"
  /// On containers of `--keep`, which the operator removes.
  static let keepLabel = "docker-mcp-keep"
  static let containerLabel = "docker-mcp-gateway-container"

  var labels: [String: String] {
    var labels = [Self.label: "\(boot).\(namespace).\(process).\(startTime)"]
    labels[Self.containerLabel] = container
    return labels
  }

  /// Nil for labels that no gateway of this kind wrote.
  init?(labels: [String: String]) {
    guard let fields = labels[Self.label]?.split(separator: ".", omittingEmptySubsequences: false),
      fields.count == 4, let process = Int32(fields[2]), let startTime = UInt64(fields[3])
    else { return nil }
    boot = String(fields[0])
    namespace = String(fields[1])
    self.process = process
    self.startTime = startTime
    container = labels[Self.containerLabel]
  }

  init(
    boot: String, namespace: String, process: Int32, startTime: UInt64, container: String?
  ) {
    self.boot = boot
    self.namespace = namespace
    self.process = process
    self.startTime = startTime
    self.container = container
  }

  /// What is known about an owner's life.
  enum Life: Sendable, Hashable {
    case alive
    case gone
    /// The engine must be asked whether this container runs.
    case asItsContainer(String)
    /// Out of sight: on another machine, or on the host of our container.
    case unknown
  }

  /// - Parameters:
  ///   - viewer: the gateway that asks.
  ///   - startTime: when a process of the viewer's namespace started; nil if there is none.
  ///   - exists: whether such a process lives, even if nothing else of it can be seen.
  func life(
    seenBy viewer: GatewayOwner, startTime: (Int32) -> UInt64?, exists: (Int32) -> Bool
  ) -> Life {
    if self == viewer { return .alive }
    guard boot == viewer.boot else { return .unknown }
    if namespace == viewer.namespace {
      guard let running = startTime(process) else { return exists(process) ? .unknown : .gone }
      return running == self.startTime ? .alive : .gone
    }
    return container.map(Life.asItsContainer) ?? .unknown
  }
}

extension GatewayOwner {
  /// This process.
  static func current(isInContainer: Bool) -> GatewayOwner {
    GatewayOwner(
      boot: ProcessFiles.text("/proc/sys/kernel/random/boot_id").filter { $0 != "-" },
      namespace: ProcessFiles.namespace(), process: getpid(),
      startTime: ProcessFiles.startTime(getpid()) ?? 0,
      container: isInContainer ? ProcessFiles.hostName() : nil)
  }
}

/// The few facts about processes that owners are told apart by.
enum ProcessFiles {
  private static let longestFile = 4_096

  /// The content of a small file of /proc, without the line end; empty if it cannot be read.
  static func text(_ path: String) -> String {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: longestFile)
    let count = unsafe buffer.withUnsafeMutableBytes {
      unsafe read(descriptor, $0.baseAddress, $0.count)
    }
    guard count > 0 else { return "" }
    return String(decoding: buffer.prefix(count).prefix { $0 != 0x0A }, as: UTF8.self)
  }

  /// Whether a process lives that /proc may hide from us (`hidepid`).
  static func exists(_ process: Int32) -> Bool { kill(process, 0) == 0 || errno == EPERM }

  /// Field 22 of `/proc/PID/stat` (proc(5)). The second field, the program's name, may hold spaces
  /// and parentheses, so fields are counted from the last parenthesis on.
  static func startTime(_ process: Int32) -> UInt64? {
    let line = text("/proc/\(process)/stat")
    guard let end = line.lastIndex(of: ")") else { return nil }
    let fields = line[line.index(after: end)...].split(separator: " ")
    return fields.count > 19 ? UInt64(fields[19]) : nil
  }

  static func namespace() -> String {
    var status = stat()
    return unsafe stat("/proc/self/ns/pid", &status) == 0 ? String(status.st_ino) : ""
  }

  static func hostName() -> String { text("/proc/sys/kernel/hostname") }
}
