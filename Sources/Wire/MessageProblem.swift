/// A message that could not be accepted, and the answer it gets.
public struct MessageProblem: Error, Sendable, Hashable {
  /// What the message would have been, as far as it was read.
  public enum Subject: String, Sendable, Hashable { case request, notification, response, unknown }

  /// The id of the request or response where it could be read, so that the right call fails at
  /// once and not by its time limit.
  public let id: RequestID?
  public let error: RPCError
  public let subject: Subject
  /// Whether a sender that means well may have sent it: a value that JSON has and we do not accept (a
  /// NUL, half of a surrogate pair, a number beyond what readers hold alike).
  public var isAboutValue = false

  public init(id: RequestID?, error: RPCError, subject: Subject = .unknown) {
    self.id = id
    self.error = error
    self.subject = subject
  }

  /// What the sender gets. Nil for notifications and responses, which are never answered: an error
  /// with a response's id would hit an unrelated request of the sender, whose ids are its own.
  public var answer: Message? {
    switch subject {
    case .request, .unknown: .failure(id: id, error)
    case .notification, .response: nil
    }
  }
}
