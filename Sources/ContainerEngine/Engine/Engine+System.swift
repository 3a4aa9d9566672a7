import Wire

/// What the engine says of itself.
public struct EngineVersion: Sendable, Hashable {
  /// Such as `20.10.24`.
  public let version: String
  public let apiVersion: String
  /// As the engine names them: `linux`, `amd64`.
  public let operatingSystem: String
  public let architecture: String
}

/// The engine's machine and settings, as far as they matter to us.
public struct EngineInfo: Sendable, Hashable {
  public let name: String
  public let operatingSystem: String
  public let architecture: String
  public let cpus: Int
  /// In bytes.
  public let memory: Int
  /// Such as `name=seccomp,profile=default`, `name=rootless`, `name=userns`.
  public let securityOptions: [String]
  /// `1` or `2`.
  public let cgroupVersion: String
  public let runtimes: [String]
  public let supportsPidsLimit: Bool
  public let supportsMemoryLimit: Bool
}

extension Engine {
  /// Whether the engine answers. Throws the reason if not.
  public func ping() async throws {
    var request = EngineRequest("reach the engine at \(endpoint)", .GET, "/_ping")
    request.limit = .whole(.seconds(10))
    try await perform(request)
  }

  public func version() async throws -> EngineVersion {
    let json = try await json(EngineRequest("ask the engine's version", .GET, "/version"))
    return EngineVersion(
      version: json["Version"]?.string ?? "", apiVersion: json["ApiVersion"]?.string ?? "",
      operatingSystem: json["Os"]?.string ?? "", architecture: json["Arch"]?.string ?? "")
  }

  public func info() async throws -> EngineInfo {
    let json = try await json(EngineRequest("ask about the engine", .GET, "/info"))
    return EngineInfo(
      name: json["Name"]?.string ?? "", operatingSystem: json["OperatingSystem"]?.string ?? "",
      architecture: json["Architecture"]?.string ?? "", cpus: json["NCPU"]?.int ?? 0,
      memory: json["MemTotal"]?.int ?? 0,
      securityOptions: json["SecurityOptions"]?.stringElements ?? [],
      cgroupVersion: json["CgroupVersion"]?.string ?? "",
      runtimes: json["Runtimes"]?.members.map(\.name) ?? [],
      supportsPidsLimit: json["PidsLimit"]?.bool ?? false,
      supportsMemoryLimit: json["MemoryLimit"]?.bool ?? false)
  }
}
