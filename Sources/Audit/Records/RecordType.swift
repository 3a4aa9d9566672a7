/// What a line of the log is about.
public enum RecordType: String, Sendable, Hashable, CaseIterable {
  /// A gateway begins to write, or goes on in another file.
  case open
  /// A call, or a request that was turned away.
  case call
  /// A server asked its client something.
  case ask
  /// A signature over everything up to here.
  case checkpoint
  /// Half a line that a crash had left was cut off.
  case recovered
  /// For a time the log could not be written.
  case gap
}
