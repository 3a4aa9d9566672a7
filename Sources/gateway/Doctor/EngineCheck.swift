import ContainerEngine
import FoundationEssentials
import Gateway
import Logging

/// Whether there is an engine, and whether it can do what we ask of it.
struct EngineCheck {
  let surroundings: Surroundings
  let configurationFolder: String

  private static let remedy =
    "start one (systemctl start docker, or apt-get install docker.io), name it with DOCKER_HOST, "
    + "and be in the group docker"

  func findings() async -> [Finding] {
    let endpoint: EngineEndpoint
    do throws(EngineEndpointProblem) {
      let address = SettingsReader.engineAddress(in: surroundings)
      endpoint = try EngineEndpoint.resolve(
        host: address.host, context: address.context, configurationFolder: configurationFolder,
        tlsVerify: surroundings["DOCKER_TLS_VERIFY"] != nil)
    } catch {
      return [Finding("engine", .fail, error.description, remedy: Self.remedy)]
    }
    let engine = Engine(
      endpoint, logger: Logger(label: "doctor", factory: { _ in SwiftLogNoOpLogHandler() }))
    do {
      let version = try await engine.version()
      let info = try await engine.info()
      let api = try await engine.apiVersion()
      let detail = "\(version.version), API \(api) in use, at \(endpoint)"
      return [Finding("engine", .ok, detail), Self.initProgram(endpoint)].compactMap(\.self)
        + Self.protection(info)
    } catch {
      return [Finding("engine", .fail, "\(error)", remedy: Self.remedy)]
    }
  }

  /// Containers run under docker-init, which must be where the engine is: we can only look when
  /// that is here.
  private static func initProgram(_ endpoint: EngineEndpoint) -> Finding? {
    guard case .unix = endpoint else { return nil }
    let folders = ["/usr/bin", "/usr/local/bin", "/usr/libexec/docker", "/usr/lib/docker", "/bin"]
    let paths = folders.map { "\($0)/docker-init" }
    guard let path = paths.first(where: FileManager.default.isExecutableFile) else {
      return Finding(
        "docker-init", .warn, "not found; an engine outside this container may still have it",
        remedy: "apt-get install tini docker.io, or install docker-init beside dockerd")
    }
    return Finding("docker-init", .ok, path)
  }

  private static func protection(_ info: EngineInfo) -> [Finding] {
    let hasSeccomp = info.securityOptions.contains { $0.hasPrefix("name=seccomp") }
    let hasLimits = info.supportsMemoryLimit && info.supportsPidsLimit
    return [
      hasSeccomp
        ? Finding("engine seccomp", .ok, "servers' system calls are filtered")
        : Finding(
          "engine seccomp", .warn, "the engine filters no system calls",
          remedy: "use a kernel with CONFIG_SECCOMP_FILTER and a dockerd built with seccomp"),
      hasLimits
        ? Finding("engine limits", .ok, "memory and processes (cgroup v\(info.cgroupVersion))")
        : Finding(
          "engine limits", .warn, "the engine cannot limit memory or processes of servers",
          remedy: "enable the memory and pids controllers (cgroup v2)"),
    ]
  }
}
