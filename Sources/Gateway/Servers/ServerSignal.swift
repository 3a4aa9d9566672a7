import Wire

/// What happens on a connection outside of any call.
enum ServerSignal: Sendable, Hashable {
  /// Tools, prompts or resources are not what they were.
  case listChanged
  /// A resource that may be subscribed to has changed: `notifications/resources/updated`.
  case resourceUpdated(JSONText)
  /// A task has changed: `notifications/tasks/status`.
  case taskStatus(JSONText)
  /// An event while no call is in flight.
  case event(ServerEvent)
  /// The connection is over.
  case ended
}
