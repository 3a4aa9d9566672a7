import FoundationEssentials
import Gateway
import OperatorFiles
import Sandbox
import Wire

/// What this machine has besides the engine.
struct MachineCheck {
  let home: HomeFolder
  let dockerConfigFolder: String
  let searchPath: String

  func findings() -> [Finding] {
    [plugin, credentialHelper, gpg, Self.seccomp, Self.landlock]
  }

  /// The folders in which the docker CLI looks for plugins.
  private var pluginFolders: [String] {
    let systemFolders = ["local/lib", "local/libexec", "lib", "libexec"]
    return ["\(dockerConfigFolder)/cli-plugins"]
      + systemFolders.map { "/usr/\($0)/docker/cli-plugins" }
  }

  private var plugin: Finding {
    let paths = pluginFolders.map { "\($0)/docker-mcp" }
    let remedy = "make install, or: ln -s PATH/OF/gateway \(paths.first ?? "docker-mcp")"
    guard let path = paths.first(where: FileManager.default.isExecutableFile) else {
      return Finding(
        "docker plugin", .warn, "not installed; \"docker mcp\" does not work", remedy: remedy)
    }
    guard Self.fileNumber(path) == Inheritance.executable.flatMap(Self.fileNumber) else {
      return Finding("docker plugin", .warn, "\(path) is another program", remedy: remedy)
    }
    return Finding("docker plugin", .ok, path)
  }

  /// Links followed.
  private static func fileNumber(_ path: String) -> UInt64? {
    let target = (try? FileManager.default.destinationOfSymbolicLink(atPath: path)).map {
      $0.hasPrefix("/")
        ? $0 : path.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/\($0)"
    }
    let attributes = try? FileManager.default.attributesOfItem(atPath: target ?? path)
    return attributes?[.systemFileNumber] as? UInt64
  }

  private var credentialHelper: Finding {
    let name = SecretStores.helperName(dockerConfigFolder: dockerConfigFolder)
    guard let name else {
      return Finding(
        "credential helper", .ok, "none set up; secrets are kept in \(home.mcpFolder)/secrets")
    }
    guard let program = CredentialHelper.find(name, in: searchPath) else {
      return Finding(
        "credential helper", .warn,
        "docker-credential-\(name.printable) is set up but not installed; files are used",
        remedy: "install it, or take credsStore out of \(dockerConfigFolder)/config.json")
    }
    return Finding("credential helper", .ok, program)
  }

  private var gpg: Finding {
    let path = searchPath.split(separator: ":").lazy.map { "\($0)/gpg" }
      .first(where: FileManager.default.isExecutableFile)
    guard let path else {
      return Finding(
        "gpg", .warn, "not installed; OpenPGP signatures of images cannot be verified",
        remedy: "apt-get install gpg")
    }
    return Finding("gpg", .ok, path)
  }

  private static var seccomp: Finding {
    SandboxSupport.current.hasSeccomp
      ? Finding("seccomp", .ok, "hooks can be confined")
      : Finding(
        "seccomp", .warn, "not in this kernel; exec hooks do not start",
        remedy: "use http or docker hooks, or a kernel with CONFIG_SECCOMP_FILTER")
  }

  private static var landlock: Finding {
    let version = SandboxSupport.current.landlock
    let remedy = "boot a kernel from 5.13 on (better 6.12) with landlock in lsm="
    guard version > 0 else {
      return Finding(
        "landlock", .warn, "not enabled; exec hooks can read and write the user's files",
        remedy: remedy)
    }
    guard version >= SandboxSupport.landlockWithSignals else {
      return Finding(
        "landlock", .warn, "version \(version); exec hooks can send signals to the user's programs",
        remedy: remedy)
    }
    return Finding(
      "landlock", .ok, "version \(version); files and signals are kept from exec hooks")
  }
}
