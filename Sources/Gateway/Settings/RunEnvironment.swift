import Catalog

/// What a running gateway gets from the process around it, besides its settings.
public struct RunEnvironment: Sendable {
  /// The process's environment variables.
  public var variables: [String: String]
  /// The secrets kept with `secret set`; part of the source `docker-desktop`, which has nothing to
  /// say on an engine without Docker Desktop.
  public var secretStore: (any SecretSource)?
  /// Finishes when the gateway must end although no signal came: the docker CLI that started us as
  /// its plugin has gone. One consumer; nil if we are nobody's plugin.
  public var parentGone: AsyncStream<Never>?
  /// Whether people read stderr: colour and progress are allowed there.
  public var talksToPeople: Bool

  public init(
    variables: [String: String], secretStore: (any SecretSource)?,
    parentGone: AsyncStream<Never>?, talksToPeople: Bool
  ) {
    self.variables = variables
    self.secretStore = secretStore
    self.parentGone = parentGone
    self.talksToPeople = talksToPeople
  }
}
