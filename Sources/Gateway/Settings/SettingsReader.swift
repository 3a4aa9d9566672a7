import Wire

/// Flags and environment in, checked settings and all problems at once out. Pure.
///
/// Nothing starts unless this finds no error: an operator learns of a mistake before the engine
/// is touched, and of all mistakes together.
public struct SettingsReader {
  var settings = Settings()
  var problems: [Problem] = []
  let surroundings: Surroundings

  init(_ surroundings: Surroundings) { self.surroundings = surroundings }

  public static func read(
    _ flags: some RunFlags, in surroundings: Surroundings
  ) -> (settings: Settings, problems: [Problem]) {
    var reader = SettingsReader(surroundings)
    reader.refuseWhatIsMissing(flags)
    reader.readEnvironment()
    reader.readFiles(flags.files)
    reader.readServers(flags.selection)
    reader.readSwitches(flags)
    reader.readSignatures(flags.protection)
    reader.readLimits(flags.containers)
    reader.readTransport(flags.access)
    reader.readAudit(flags.audit)
    reader.readAuthorization(flags.access)
    reader.readMetrics(flags.running)
    return (reader.settings, reader.problems)
  }

  mutating func refuse(_ flag: String, _ message: String, hint: String? = nil) {
    problems.append(Problem(source: flag, message, hint: hint))
  }

  mutating func warn(_ flag: String, _ message: String, hint: String? = nil) {
    problems.append(Problem(.warning, source: flag, message, hint: hint))
  }
}

extension SettingsReader {
  mutating func readServers(_ flags: some SelectionFlags) {
    settings.servers = Self.names(flags.servers)
    settings.enableAllServers = flags.enableAllServers ?? false
    settings.tools = Self.names(flags.tools)
    if settings.enableAllServers && !settings.servers.isEmpty {
      refuse(
        "--enable-all-servers", "cannot be used together with --servers",
        hint: "leave one of the two out")
    }
  }

  mutating func readSwitches(_ flags: some RunFlags) {
    settings.policies = flags.protection.policy
    if settings.policies.contains("") {
      refuse("--policy", "names no file", hint: "write --policy=FILE or --policy=FOLDER")
    }
    readInterceptors(flags.protection)
    settings.blockSecrets = flags.protection.blockSecrets ?? true
    settings.logCalls = flags.running.logCalls ?? true
    settings.verbose = flags.running.verbose ?? settings.isInContainer
    settings.keep = flags.containers.keep ?? false
    settings.longLived = flags.containers.longLived ?? false
    settings.dryRun = flags.running.dryRun ?? false
    settings.isStatic = flags.containers.static ?? false
    // Static servers are somebody else's containers: there is nothing to reload.
    settings.watch = settings.isStatic ? false : flags.running.watch ?? !settings.isInContainer
  }

  /// Entries without spaces around them, empty ones and repetitions left out.
  static func names(_ entries: [String]) -> [String] {
    var seen: Set<String> = []
    return entries.map(trimmed).filter { !$0.isEmpty && seen.insert($0).inserted }
  }

  static func trimmed(_ text: String) -> String {
    let front = text.drop { $0.isWhitespace }
    let length = front.reversed().drop { $0.isWhitespace }.count
    return String(front.prefix(length))
  }
}
