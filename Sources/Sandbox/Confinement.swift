/// What a confined program may have. Everything that is not said here it may not.
public struct Confinement: Sendable, Hashable {
  /// Absolute paths that may be read and run, with all that is below them.
  public var runnable: [String]
  /// Absolute paths that may be read.
  public var readable: [String]
  /// Absolute paths that may be read and written, but not run from.
  public var writable: [String]
  /// Internet sockets. Sockets of the machine itself (`AF_UNIX`), the engine's among them, it never
  /// gets.
  public var network: Bool
  /// Processor time of one process.
  public var cpuSeconds: Int?

  public init(
    runnable: [String] = [], readable: [String] = [], writable: [String] = [],
    network: Bool = false, cpuSeconds: Int? = nil
  ) {
    self.runnable = runnable
    self.readable = readable
    self.writable = writable
    self.network = network
    self.cpuSeconds = cpuSeconds
  }

  /// Where systems keep programs and libraries, and what those read whatever they do.
  static let systemRunnable = [
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store",
  ]
  static let systemReadable = [
    "/etc/ld.so.cache", "/etc/localtime", "/etc/ssl", "/etc/pki", "/etc/ca-certificates",
    "/etc/alternatives", "/dev/urandom", "/dev/random", "/dev/zero",
  ]
  static let systemWritable = ["/dev/null"]
  /// What resolving names reads.
  static let networkReadable = [
    "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf",
    "/etc/services", "/run/systemd/resolve",
  ]
}

/// The words by which the program that starts a helper tells it what to confine, and how.
extension Confinement {
  private static let flags:
    [(word: String, list: any WritableKeyPath<Confinement, [String]> & Sendable)] = [
      ("--run", \.runnable), ("--read", \.readable), ("--write", \.writable),
    ]

  var words: [String] {
    var words = Self.flags.flatMap { flag in self[keyPath: flag.list].flatMap { [flag.word, $0] } }
    if network { words.append("--network") }
    if let cpuSeconds { words += ["--cpu", String(cpuSeconds)] }
    return words + ["--"]
  }

  /// Takes the words off the front; nil if they are not ours.
  init?(taking words: inout ArraySlice<String>) {
    self.init()
    while let word = words.popFirst() {
      if word == "--" { return }
      if word == "--network" {
        network = true
      } else if let value = words.popFirst() {
        if let flag = Self.flags.first(where: { $0.word == word }) {
          self[keyPath: flag.list].append(value)
        } else if word == "--cpu", let seconds = Int(value) {
          cpuSeconds = seconds
        } else {
          return nil
        }
      }
    }
    return nil
  }
}
