import Wire

/// A place that knows secrets: a file, a folder of files, a credential helper.
public protocol SecretSource: Sendable {
  /// What an operator calls it, for messages.
  var title: String { get }
  /// Nil where the source does not have it, so that the next source is asked. A thrown `Problem`
  /// is shown to the operator; of any other error only the fact is told, since its text might
  /// hold the value.
  func value(of name: String) async throws -> Secret?
}
