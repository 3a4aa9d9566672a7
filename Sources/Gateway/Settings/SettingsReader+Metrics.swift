import Wire

extension SettingsReader {
  mutating func readMetrics(_ flags: some RunningFlags) {
    guard let text = flags.metricsPort else { return }
    guard let port = Quantity.integer(text), (1...65535).contains(port) else {
      return refuse(
        "--metrics-port", "\"\(text)\" is not a port", hint: "write a number from 1 to 65535")
    }
    guard port != settings.port else {
      return refuse(
        "--metrics-port", "clients are served on port \(port)", hint: "choose another port")
    }
    settings.metricsPort = port
  }
}
