import Wire

extension ContainerSpec {
  /// The body of the create call. Only the first network goes in before API 1.44: older engines
  /// refuse more, and the others are connected one by one.
  func body(for version: APIVersion) -> JSONText {
    var members: [(String, JSONText)] = [("Image", JSONText(string: image))]
    if !command.isEmpty { members.append(("Cmd", .strings(command))) }
    if let entrypoint { members.append(("Entrypoint", .strings(entrypoint))) }
    if !environment.isEmpty { members.append(("Env", .strings(environmentLines))) }
    if let user { members.append(("User", JSONText(string: user))) }
    if let workingDirectory { members.append(("WorkingDir", JSONText(string: workingDirectory))) }
    if let stopTimeout { members.append(("StopTimeout", JSONText(stopTimeout))) }
    members += [
      ("Labels", .strings(labels)), ("Tty", JSONText(false)),
      ("OpenStdin", JSONText(hasInput)), ("StdinOnce", JSONText(hasInput)),
      ("AttachStdin", JSONText(hasInput)), ("AttachStdout", JSONText(true)),
      ("AttachStderr", JSONText(true)), ("HostConfig", hostConfiguration),
    ]
    if let networking = networking(for: version) {
      members.append(("NetworkingConfig", networking))
    }
    return JSONText(object: members)
  }

  /// Networks that take a call of their own after creation.
  func networksToConnect(for version: APIVersion) -> [String] {
    guard case .named(let names) = network, version < .manyNetworks else { return [] }
    return Array(names.dropFirst())
  }

  private var environmentLines: [String] {
    environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }

  private var hostConfiguration: JSONText {
    var members = isolation
    members += limits
    members.append(("LogConfig", logging.json))
    if !mounts.isEmpty { members.append(("Mounts", JSONText(array: mounts.map(\.json)))) }
    if !extraHosts.isEmpty {
      members.append(("ExtraHosts", .strings(extraHosts.map { "\($0.name):\($0.address)" })))
    }
    if !tmpfs.isEmpty { members.append(("Tmpfs", .strings(tmpfs.mapValues(\.options)))) }
    return JSONText(object: members)
  }

  private var isolation: [(String, JSONText)] {
    let profile = seccompProfile.map { ["seccomp=\($0)"] } ?? []
    return [
      ("NetworkMode", JSONText(string: network.mode)),
      ("CapDrop", .strings(["ALL"])), ("CapAdd", .strings(addedCapabilities)),
      ("SecurityOpt", .strings(["no-new-privileges"] + profile)),
      ("ReadonlyRootfs", JSONText(isReadOnlyRoot)), ("Privileged", JSONText(false)),
      ("IpcMode", JSONText(string: "private")), ("CgroupnsMode", JSONText(string: "private")),
      ("Init", JSONText(hasInit)), ("AutoRemove", JSONText(isRemovedAfterExit)),
    ]
  }

  private var limits: [(String, JSONText)] {
    var members = [
      ("PidsLimit", JSONText(pidsLimit)), ("OomScoreAdj", JSONText(oomScoreAdjustment)),
      ("ShmSize", JSONText(Int(shmSize))),
      ("Ulimits", JSONText(array: ulimits.map(\.json))),
    ]
    if cpus > 0 { members.append(("NanoCpus", JSONText(Int((cpus * 1e9).rounded())))) }
    if memory > 0 {
      // Memory alone would give as much swap again.
      members += [("Memory", JSONText(Int(memory))), ("MemorySwap", JSONText(Int(memory)))]
    }
    return members
  }

  private func networking(for version: APIVersion) -> JSONText? {
    guard case .named(let names) = network else { return nil }
    let given = version < .manyNetworks ? Array(names.prefix(1)) : names
    return JSONText(object: [
      ("EndpointsConfig", JSONText(object: given.map { ($0, .emptyObject) }))
    ])
  }
}

extension ContainerNetwork {
  /// The engine's word for it.
  var mode: String {
    switch self {
    case .none: "none"
    case .engineDefault: "default"
    case .container(let id): "container:\(id)"
    case .named(let names): names.first ?? "none"
    }
  }
}

extension ContainerMount {
  /// Submounts stay out: before engine 25 a read-only bind left them writable.
  fileprivate var json: JSONText {
    var members = [
      ("Target", JSONText(string: target)), ("ReadOnly", JSONText(isReadOnly)),
    ]
    switch source {
    case .bind(let path):
      let options = [
        ("Propagation", JSONText(string: "rprivate")), ("NonRecursive", JSONText(true)),
      ]
      members += [
        ("Type", JSONText(string: "bind")), ("Source", JSONText(string: path)),
        ("BindOptions", JSONText(object: options)),
      ]
    case .volume(let name):
      members += [("Type", JSONText(string: "volume")), ("Source", JSONText(string: name))]
    case .anonymousVolume: members.append(("Type", JSONText(string: "volume")))
    }
    return JSONText(object: members)
  }
}

extension Tmpfs {
  fileprivate var options: String {
    let execution = allowsExecution ? "exec" : "noexec"
    return "rw,nosuid,nodev,\(execution),size=\(size),nr_inodes=\(inodes),mode=1777"
  }
}

extension Ulimit {
  fileprivate var json: JSONText {
    JSONText(object: [
      ("Name", JSONText(string: name)), ("Soft", JSONText(value)), ("Hard", JSONText(value)),
    ])
  }
}

extension ContainerLogging {
  fileprivate var json: JSONText {
    switch self {
    case .none: JSONText(object: [("Type", JSONText(string: "none"))])
    case .bounded(let bytes):
      JSONText(object: [
        ("Type", JSONText(string: "json-file")),
        ("Config", .strings(["max-size": String(bytes), "max-file": "1"])),
      ])
    }
  }
}
