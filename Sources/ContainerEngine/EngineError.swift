/// Why the engine did not do what was asked. The text is safe to show: bounded, printable, and
/// without environment values or credentials.
public struct EngineError: Error, Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The container, image or network does not exist.
    case notFound = "not_found"
    /// The engine is doing, or has done, something that excludes this: a name in use, a removal in
    /// progress, a container that is not running.
    case conflict
    /// Nobody answers at the engine's address, or the connection broke.
    case unreachable
    /// The engine speaks only versions of its API that we do not.
    case tooOld = "too_old"
    /// The engine, the registry or we ourselves decline: a bad request, missing rights.
    case refused
    /// No answer within the time allowed.
    case timeout
    /// An answer or a line was larger than allowed.
    case tooLarge = "too_large"
    /// The engine's answer is not what its API promises.
    case malformed
    /// The engine tried and failed.
    case failed
  }

  public var kind: Kind
  /// What was asked, for people: `create container`, `pull docker.io/library/alpine:3`.
  public var operation: String
  /// The HTTP status, where the engine answered.
  public var status: Int?
  /// The engine's own words, or ours.
  public var message: String
  /// What an operator can do about it, where we know.
  public var hint: String?

  public init(
    _ kind: Kind, _ operation: String, status: Int? = nil, _ message: String, hint: String? = nil
  ) {
    self.kind = kind
    self.operation = operation
    self.status = status
    self.message = Printable.text(message)
    self.hint = hint
  }
}

extension EngineError: CustomStringConvertible {
  public var description: String {
    let advice = hint.map { " (\($0))" } ?? ""
    let code = status.map { " [HTTP \($0)]" } ?? ""
    return "cannot \(operation): \(message)\(code)\(advice)"
  }
}

extension EngineError {
  /// The kind that an HTTP status stands for in the Engine API.
  static func kind(ofStatus status: Int) -> Kind {
    switch status {
    case 404: .notFound
    case 304, 409: .conflict
    case 400, 401, 403, 405, 406, 422, 501: .refused
    default: .failed
    }
  }

  /// The error that an answer with a failing status means.
  static func answered(_ operation: String, status: Int, body: [UInt8]) -> EngineError {
    let message = EngineMessage.text(of: body) ?? "the engine gave no reason"
    return EngineError(
      kind(ofStatus: status), operation, status: status, message, hint: hint(for: message))
  }

  /// Advice for the failures that operators meet most.
  static func hint(for message: String) -> String? {
    if message.contains("docker-init") {
      return "this engine has no docker-init; install it (tini) or run the server without init"
    }
    if message.contains("client version"), message.contains("too new") {
      return "the engine was replaced by an older one; restart the gateway"
    }
    return nil
  }
}
