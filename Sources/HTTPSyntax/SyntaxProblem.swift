/// Why what a client sends is not read further. Where the next request would begin is unknown then,
/// so the connection ends.
public enum SyntaxProblem: Error, Sendable, Hashable {
  /// It is not HTTP/1.1 as RFC 9112 has it, or two readers could differ about where it ends.
  case malformed(String)
  case targetTooLong
  case fieldsTooLarge
  case versionNotSupported
  case codingNotSupported

  public var status: Int {
    switch self {
    case .malformed: 400
    case .targetTooLong: 414
    case .fieldsTooLarge: 431
    case .codingNotSupported: 501
    case .versionNotSupported: 505
    }
  }
}
