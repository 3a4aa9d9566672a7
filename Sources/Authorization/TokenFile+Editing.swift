import Wire

/// Changes of a token file as its text: comments and order stay. A file with an error is not
/// touched: what was meant is not known.
extension TokenFile {
  /// The text with a further line for `name`.
  public static func adding(
    _ name: TokenName, _ token: BearerToken, to bytes: [UInt8]?, source: String
  ) throws(Problem) -> [UInt8] {
    var text = try checked(bytes, source).bytes
    if let last = text.last, last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
    text += Array("\(line(name, token))\n".utf8)
    // A file that a gateway would refuse is not written.
    return try checked(text, source).bytes
  }

  /// The text without the lines of `name`; nil if there are none.
  public static func removing(
    _ name: TokenName, from bytes: [UInt8]?, source: String
  ) throws(Problem) -> [UInt8]? {
    let (text, file) = try checked(bytes, source)
    let gone = Set(file.entries.filter { $0.name == name }.map(\.line))
    guard !gone.isEmpty else { return nil }
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let kept = lines.enumerated().filter { !gone.contains($0.offset + 1) }.map(\.element)
    return Array(kept.joined(separator: [UInt8(ascii: "\n")]))
  }

  private static func checked(
    _ bytes: [UInt8]?, _ source: String
  ) throws(Problem) -> (bytes: [UInt8], file: TokenFile) {
    let bytes = bytes ?? []
    let (file, problems) = read(bytes, source: source)
    if let first = problems.first { throw first }
    return (bytes, file)
  }
}
