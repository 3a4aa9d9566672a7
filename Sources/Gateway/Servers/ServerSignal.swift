import Wire

/// What happens on a connection outside of any call.
enum ServerSignal: Sendable, Hashable {
  /// Tools, prompts or resources are not what they were.
  case listChanged
  /// A log message while no call is in flight.
  case log(JSONText)
  /// The connection is over.
  case ended
}
