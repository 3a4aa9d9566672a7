import Authorization
import Wire

extension SettingsReader {
  mutating func readEnvironment() {
    settings.isInContainer = variableIsOn("DOCKER_MCP_IN_CONTAINER")
    settings.allowInsecureRemoteURLs = variableIsOn(Self.insecureURLs)
    if variableIsOn("DOCKER_MCP_IN_DIND") {
      refuse(
        "DOCKER_MCP_IN_DIND", "would start every server privileged, which this gateway never does",
        hint: "unset it and mount the engine's socket into the gateway's container")
    }
    readToken()
    settings.bindAllowedPaths = paths("MCP_GATEWAY_DOCKER_BIND_ALLOWED_PATHS")
    settings.bindWritablePaths = paths("MCP_GATEWAY_DOCKER_BIND_ALLOW_WRITABLE_PATHS")
    readEngine()
  }

  /// Whether catalogs may come by plain http and from private addresses, for commands that fetch
  /// one without running a gateway.
  public static func allowsInsecureURLs(
    in surroundings: Surroundings
  ) -> (allowed: Bool, problems: [Problem]) {
    var reader = SettingsReader(surroundings)
    let allowed = reader.variableIsOn(insecureURLs)
    return (allowed, reader.problems)
  }

  private static let insecureURLs = "DOCKER_MCP_ALLOW_INSECURE_REMOTE_URLS"

  /// The docker CLI's order: options, then DOCKER_HOST, then DOCKER_CONTEXT.
  public static func engineAddress(
    in surroundings: Surroundings
  ) -> (host: String?, context: String?) {
    let docker = surroundings.docker
    if let context = docker.context { return (nil, context) }
    if let host = docker.host ?? surroundings["DOCKER_HOST"] { return (host, nil) }
    return (nil, surroundings["DOCKER_CONTEXT"])
  }

  private mutating func readEngine() {
    if surroundings.docker.host != nil && surroundings.docker.context != nil {
      refuse("--host", "docker's --host and --context exclude each other", hint: "leave one out")
    }
    (settings.dockerHost, settings.dockerContext) = Self.engineAddress(in: surroundings)
  }

  /// The value is never repeated in a message: it is a credential.
  private mutating func readToken() {
    guard let token = surroundings["MCP_GATEWAY_AUTH_TOKEN"] else { return }
    let isVisible = token.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    guard isVisible, token.utf8.count >= BearerToken.shortest else {
      let flaw =
        isVisible
        ? "has \(token.utf8.count) characters, at least \(BearerToken.shortest) are needed"
        : "holds characters other than visible ASCII"
      return refuse(
        "MCP_GATEWAY_AUTH_TOKEN", "the token \(flaw)",
        hint: "make one with: openssl rand -hex 32; or unset it, and one is made at each start")
    }
    settings.authToken = token
  }

  private mutating func variableIsOn(_ name: String) -> Bool {
    guard let value = surroundings[name] else { return false }
    if let truth = GoFlags.truth(value) { return truth }
    refuse(name, "\"\(value)\" is neither 1 nor 0", hint: "write \(name)=1, or unset it")
    return false
  }

  private mutating func paths(_ name: String) -> [String] {
    let paths = (surroundings[name] ?? "").split(separator: ":").map(String.init)
    for path in paths where !path.hasPrefix("/") || path.split(separator: "/").contains("..") {
      refuse(name, "\"\(path)\" is not an absolute path", hint: "write paths from / on, without ..")
    }
    return paths
  }
}
