import Wire

/// The client of a call in progress, as servers may reach it before the answer: what it can be asked,
/// how it is told, and how it is asked. Each protocol era makes its own.
struct ClientLink: Sendable {
  /// Whom long-lived servers are started for, and asks that no call caused.
  let tenant: Tenant
  /// Whether progress is passed on.
  let wantsProgress: Bool
  /// From which level on the client wants log messages; nil: it has not said.
  var logLevel: LogLevel? = nil
  /// Takes events of the call, in order; may wait.
  let deliver: @Sendable (ServerEvent) async -> Void
  /// Takes what the server asks because of the call.
  let ask: AskCarrier
}
