import Wire

extension SettingsReader {
  /// The engine refuses less (`Minimum memory limit allowed is 6MB`).
  private static let leastMemory: Int64 = 6 << 20
  /// The engine refuses less.
  private static let leastCPUs = 0.01
  private static let mostCPUs = 1024.0
  private static let longestWait = Duration.seconds(24 * 3600)

  mutating func readLimits(_ flags: some ContainerFlags) {
    if let text = flags.cpus { readCPUs(text) }
    if let text = flags.memory { readMemory(text) }
    if let text = flags.callTimeout {
      settings.callTimeout = wait("--call-timeout", text) ?? settings.callTimeout
    }
    if let text = flags.startTimeout {
      settings.startTimeout = wait("--start-timeout", text) ?? settings.startTimeout
    }
    if let text = flags.warm { settings.warm = count("--warm", text, 0...16) ?? settings.warm }
    if let text = flags.maxContainers {
      settings.maxContainers =
        count("--max-containers", text, 1...1000) ?? settings.maxContainers
    }
  }

  mutating func readSessions(_ flags: some AccessFlags) {
    let possible = 1...100_000
    if let text = flags.maxSessions {
      settings.maxSessions = count("--max-sessions", text, possible) ?? settings.maxSessions
    }
    if let text = flags.maxClientSessions {
      settings.maxClientSessions =
        count("--max-client-sessions", text, possible) ?? settings.maxClientSessions
    }
  }

  private mutating func readCPUs(_ text: String) {
    let isEnough = { (cpus: Double) in cpus == 0 || (Self.leastCPUs...Self.mostCPUs).contains(cpus)
    }
    guard let cpus = Quantity.fraction(text), isEnough(cpus) else {
      return refuse(
        "--cpus", "\"\(text)\" is not a number of CPUs",
        hint: "write a number from 0.01 to 1024 such as 1 or 0.5, or 0 for no limit")
    }
    settings.cpus = cpus
  }

  private mutating func readMemory(_ text: String) {
    guard let bytes = text.isEmpty ? 0 : Quantity.bytes(text) else {
      return refuse(
        "--memory", "\"\(text)\" is not a size",
        hint: "write a number with k, m, g, t or p such as 512m or 2Gb, or 0 for no limit")
    }
    guard bytes == 0 || bytes >= Self.leastMemory else {
      return refuse(
        "--memory", "\"\(text)\" is too small to run a container",
        hint: "give at least 6m, or 0 for no limit")
    }
    settings.memory = bytes
  }

  private mutating func wait(_ flag: String, _ text: String) -> Duration? {
    let time = Quantity.duration(text)
    if let time, time > .zero, time <= Self.longestWait { return time }
    refuse(
      flag, "\"\(text)\" is not a time to wait",
      hint: "write up to 24h as 30s, 2m, 1m30s or plain seconds")
    return nil
  }

  private mutating func count(_ flag: String, _ text: String, _ allowed: ClosedRange<Int>) -> Int? {
    if let count = Quantity.integer(text), allowed.contains(count) { return count }
    refuse(
      flag, "\"\(text)\" is not allowed",
      hint: "write a whole number from \(allowed.lowerBound) to \(allowed.upperBound)")
    return nil
  }
}
