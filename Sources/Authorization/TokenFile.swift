import Wire

/// A file of named bearer tokens, one in a line: a name, blanks, and `sha256:` with the token's
/// digest or the token itself. `#` begins a comment line.
///
/// A name may have several lines, so that a token can be replaced without a gap. Messages name file,
/// line and column, and never repeat what stands where a token belongs.
public struct TokenFile: Sendable, Hashable {
  public static let largest = 1 << 20
  /// Every token is compared with every one that is shown.
  static let mostTokens = 1_000

  public struct Entry: Sendable, Hashable {
    public let name: TokenName
    public let digest: TokenDigest
    /// 1-based.
    public let line: Int
  }

  public let entries: [Entry]

  /// All that is wrong is told at once, together with the entries that are right; a file with an
  /// error must not be used.
  public static func read(
    _ bytes: [UInt8], source: String
  ) -> (file: TokenFile, problems: [Problem]) {
    var reader = Reader(source: source)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return (
        TokenFile(entries: []), [Problem(source: source, "is not UTF-8 text")]
      )
    }
    // A file with the line ends of other systems means the same.
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for (index, line) in lines.enumerated() { reader.take(line, number: index + 1) }
    if reader.entries.count > mostTokens {
      reader.problems.append(
        Problem(source: source, "holds more than \(mostTokens) tokens"))
    }
    return (TokenFile(entries: reader.entries), reader.problems)
  }

  /// The line that stores `token` under `name`, without the token itself.
  public static func line(_ name: TokenName, _ token: BearerToken) -> String {
    "\(name.text) \(digestPrefix)\(TokenDigest(of: token.secret.utf8).hexadecimal)"
  }

  static let digestPrefix = "sha256:"
}

extension TokenFile {
  private struct Reader {
    let source: String
    var entries: [Entry] = []
    var problems: [Problem] = []
    private var linesByDigest: [TokenDigest: Int] = [:]

    init(source: String) { self.source = source }

    mutating func take(_ line: Substring, number: Int) {
      let words = line.split { $0 == " " || $0 == "\t" }
      guard let first = words.first, !first.hasPrefix("#") else { return }
      func column(_ word: Substring) -> Int {
        line.unicodeScalars.distance(from: line.startIndex, to: word.startIndex) + 1
      }
      func refuse(_ word: Substring, _ message: String, _ hint: String) {
        problems.append(
          Problem(source: source, line: number, column: column(word), message, hint: hint))
      }
      guard words.count == 2 else {
        let place = words.count > 2 ? words[2] : first
        return refuse(
          place, words.count > 2 ? "more than a name and a token" : "a name without a token",
          "write: NAME sha256:DIGEST, one in a line; \"gateway token create NAME\" does it")
      }
      let name: TokenName
      do throws(TokenFlaw) { name = try TokenName(String(first)) } catch {
        // A line that begins with the token would have it repeated here.
        return refuse(first, "the name is not well formed or reserved", error.hint)
      }
      switch Self.digest(words[1]) {
      case .failure(let flaw): refuse(words[1], flaw.message, flaw.hint)
      case .success(let digest):
        if let earlier = linesByDigest[digest] {
          return refuse(
            words[1], "the same token as in line \(earlier)", "give everybody a token of their own")
        }
        linesByDigest[digest] = number
        entries.append(Entry(name: name, digest: digest, line: number))
      }
    }

    private static func digest(_ word: Substring) -> Result<TokenDigest, TokenFlaw> {
      if word.hasPrefix(digestPrefix) {
        guard let digest = TokenDigest(hexadecimal: word.dropFirst(digestPrefix.count)) else {
          return .failure(
            .init("not a digest", "write sha256: and 64 hexadecimal digits"))
        }
        return .success(digest)
      }
      guard word.utf8.count >= BearerToken.shortest else {
        return .failure(
          .init(
            "the token has \(word.utf8.count) characters, at least \(BearerToken.shortest) are "
              + "needed", "make one with: gateway token create NAME"))
      }
      guard let token = BearerToken(String(word)) else {
        return .failure(
          .init(
            "the token holds characters other than visible ASCII",
            "make one with: gateway token create NAME"))
      }
      return .success(TokenDigest(of: token.secret.utf8))
    }
  }
}
