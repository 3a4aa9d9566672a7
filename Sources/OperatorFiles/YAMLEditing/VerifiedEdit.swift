import Wire

/// What an edit by lines must come to.
enum VerifiedEdit {
  /// `bytes`, if reading them gives what was wanted. Otherwise the file is laid out in a way that
  /// was not foreseen, and it stays untouched.
  static func result(
    _ bytes: [UInt8], in source: String, isRight: ([UInt8]) -> Bool
  ) throws(Problem) -> [UInt8] {
    guard isRight(bytes) else {
      throw Problem(
        source: source, "is laid out in a way this command does not edit",
        hint: "edit it by hand; it was not touched")
    }
    return bytes
  }

  /// Refuses to touch a file that is wrong already.
  static func check(_ problems: [Problem]) throws(Problem) {
    if let error = problems.inReadingOrder.first(where: { $0.severity == .error }) { throw error }
  }
}
