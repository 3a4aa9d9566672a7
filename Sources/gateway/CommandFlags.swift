import Gateway

/// How each flag of each command takes its values. A test compares it with what the parser knows.
enum CommandFlags {
  static let all = GoFlags(kinds)

  static let kinds: [String: GoFlags.Kind] = {
    var kinds: [String: GoFlags.Kind] = [:]
    for name in toggles { kinds[name] = .toggle }
    for name in values { kinds[name] = .value }
    for name in lists { kinds[name] = .list }
    for name in ["interceptor", "policy", "oci-ref", "key"] { kinds[name] = .array }
    return kinds
  }()

  private static let toggles = [
    "enable-all-servers", "allow-unauthenticated", "block-secrets", "block-network",
    "verify-signatures", "keep", "long-lived", "static", "dry-run", "log-calls", "verbose",
    "watch", "central", "debug-dns", "force", "global", "json", "quiet",
    "audit-values", "follow", "partial", "closed", "persistent", "explain",
  ]
  private static let values = [
    "secrets", "transport", "host", "port", "cpus", "memory", "warm", "call-timeout",
    "start-timeout", "max-containers", "profile", "log", "format", "args", "name", "url",
    "audit", "audit-on-error", "audit-max-size", "audit-max-age", "tool", "identity", "decision",
    "since", "until", "lines",
    "auth-tokens", "public-url", "oauth-jwks", "file", "max-sessions", "max-client-sessions",
    "metrics-port", "call", "result", "signature-policy", "registries-d",
  ]
  private static let lists = [
    "servers", "server", "tools", "catalog", "additional-catalog", "registry",
    "additional-registry", "config", "additional-config", "tools-config",
    "additional-tools-config", "mcp-registry", "gateway-arg",
    "oauth-issuer", "oauth-audience", "oauth-scopes",
  ]
}
