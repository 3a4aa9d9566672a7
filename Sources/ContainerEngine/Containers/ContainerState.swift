import Wire

/// What the engine says about one container.
public struct ContainerDetails: Sendable, Hashable {
  public let id: ContainerID
  public let name: String
  /// The Id of the image it runs.
  public let imageID: String
  public let labels: [String: String]
  /// `created`, `running`, `exited`, …
  public let status: String
  public let isRunning: Bool
  public let exitCode: Int?
  public let isOutOfMemory: Bool
  /// What the engine says went wrong, often empty.
  public let error: String
  /// 0 while it does not run.
  public let pid: Int
  /// Addresses by network; empty addresses are left out.
  public let addresses: [String: String]

  init?(_ json: JSONText) {
    guard let id = json["Id"]?.string, let state = json["State"] else { return nil }
    self.id = ContainerID(id)
    name = Self.plainName(json["Name"]?.string)
    imageID = json["Image"]?.string ?? ""
    labels = json["Config"]?["Labels"]?.stringMembers ?? [:]
    status = state["Status"]?.string ?? ""
    isRunning = state["Running"]?.bool ?? false
    exitCode = state["ExitCode"]?.int
    isOutOfMemory = state["OOMKilled"]?.bool ?? false
    error = Printable.text(state["Error"]?.string ?? "")
    pid = state["Pid"]?.int ?? 0
    addresses = Self.addresses(json["NetworkSettings"]?["Networks"])
  }

  private static func addresses(_ networks: JSONText?) -> [String: String] {
    var found: [String: String] = [:]
    for network in networks?.members ?? [] {
      if let address = network.value["IPAddress"]?.string, !address.isEmpty {
        found[network.name] = address
      }
    }
    return found
  }

  static func plainName(_ name: String?) -> String {
    guard let name else { return "" }
    return name.hasPrefix("/") ? String(name.dropFirst()) : name
  }
}

/// A line of the list of containers.
public struct ContainerSummary: Sendable, Hashable {
  public let id: ContainerID
  public let names: [String]
  public let imageID: String
  public let labels: [String: String]
  /// `created`, `running`, `exited`, …
  public let state: String
  /// Seconds since 1970.
  public let created: Int

  init?(_ json: JSONText) {
    guard let id = json["Id"]?.string else { return nil }
    self.id = ContainerID(id)
    names = (json["Names"]?.stringElements ?? []).map(ContainerDetails.plainName)
    imageID = json["ImageID"]?.string ?? ""
    labels = json["Labels"]?.stringMembers ?? [:]
    state = json["State"]?.string ?? ""
    created = json["Created"]?.int ?? 0
  }
}

/// How a container ended.
public struct ContainerExit: Sendable, Hashable {
  public let code: Int
  /// The engine's words where it failed to wait or to start; usually nil.
  public let error: String?

  /// 137 is 128 + SIGKILL: nobody of ours sent it, so most likely the kernel did for want of memory.
  public var wasKilled: Bool { code == 137 }
}
