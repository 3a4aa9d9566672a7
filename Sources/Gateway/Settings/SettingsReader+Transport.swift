import Wire

extension SettingsReader {
  private static let standardPort = 8811

  mutating func readTransport(_ flags: some AccessFlags) {
    if let text = flags.port { readPort(text) }
    settings.allowUnauthenticated = flags.allowUnauthenticated ?? false
    if let name = flags.transport {
      guard let transport = Self.transport(name) else {
        refuse("--transport", "\"\(name)\" is unknown", hint: "write stdio, sse or streaming")
        // What goes with it cannot be judged.
        return
      }
      settings.transport = transport
    }
    if settings.transport == .stdio {
      checkStdio(flags)
    } else {
      if settings.port == 0 { settings.port = Self.standardPort }
      readHost(flags.host)
      checkAccess()
      readSessions(flags)
    }
  }

  private static func transport(_ name: String) -> Settings.Transport? {
    switch name.lowercased() {
    case "stdio": .stdio
    case "sse": .sse
    case "streaming", "http", "streamable", "streamable-http": .streaming
    default: nil
    }
  }

  /// 0 is the default of Docker's gateway and means "none chosen".
  private mutating func readPort(_ text: String) {
    guard let port = Quantity.integer(text), (0...65535).contains(port) else {
      return refuse(
        "--port", "\"\(text)\" is not a port", hint: "write a number from 1 to 65535")
    }
    settings.port = port
  }

  private mutating func checkStdio(_ flags: some AccessFlags) {
    if settings.port != 0 {
      refuse(
        "--port", "\(settings.port) cannot be used with --transport stdio",
        hint: "add --transport streaming, or leave --port out")
    }
    if flags.host != nil {
      warn("--host", "has no effect with --transport stdio")
    }
    if settings.allowUnauthenticated {
      warn("--allow-unauthenticated", "has no effect with --transport stdio")
    }
  }

  /// A container's loopback is reached by nobody, and its network is already a boundary of its own:
  /// what is published is the operator's choice in `ports:`. The token is required all the same.
  private mutating func readHost(_ written: String?) {
    guard let written else {
      settings.host = settings.isInContainer ? "0.0.0.0" : "127.0.0.1"
      return
    }
    guard let host = HostName(written) else {
      return refuse(
        "--host", "\"\(written)\" is neither an address nor a name",
        hint: "write 127.0.0.1, ::1, 0.0.0.0 for all interfaces, or a host name")
    }
    settings.host = host.text
  }

  private mutating func checkAccess() {
    guard settings.allowUnauthenticated else { return }
    if settings.authToken != nil {
      refuse(
        "--allow-unauthenticated", "a token is set in MCP_GATEWAY_AUTH_TOKEN as well",
        hint: "leave the flag out to ask for the token, or unset the variable")
    }
    if !Loopback.isReached(by: settings.host) {
      warn(
        "--allow-unauthenticated",
        "everybody who reaches \(settings.host):\(settings.port) can call every tool",
        hint: "listen on loopback, or leave the flag out")
    }
  }
}
