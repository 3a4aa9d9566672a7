/// A private key in armour: PEM of every label, OpenSSH, SSH2 and PGP blocks. The anchor is the
/// words `PRIVATE KEY` of its first line.
enum ArmouredKey {
  /// From the armour to the key there may be headers such as `DEK-Info`, in several lines.
  static let reach = 1024
  /// The shortest key, Ed25519 in PKCS#8, has 64 characters; the rest is for damaged copies.
  private static let shortestBody = 40
  private static let longestLabel = 40
  private static let labelCharacters = CharacterClass.upperAlnum.union(CharacterClass(" "))

  static func match(in layer: Layer, anchor: Range<Int>) -> Range<Int>? {
    let bytes = layer.bytes
    guard let start = opening(in: bytes, before: anchor.lowerBound) else { return nil }
    var at = anchor.upperBound
    for word in [" BLOCK", ":"] { at = Piece.text(word).end(in: bytes, from: at) ?? at }
    let dashes = CharacterClass("- ")
    let dashesEnd = Piece.run(dashes, 4...8).end(in: bytes, from: at)
    guard let body = dashesEnd, let end = bodyEnd(in: bytes, from: body) else { return nil }
    return start..<end
  }

  /// The start of the line that holds the words: dashes, `BEGIN` and the rest of the label.
  private static func opening(in bytes: [UInt8], before anchor: Int) -> Int? {
    let label = Piece.run(labelCharacters, 0...longestLabel)
    guard let labelStart = label.start(in: bytes, before: anchor),
      bytes[labelStart..<anchor].drop(while: { $0 == 0x20 }).starts(with: "BEGIN".utf8)
    else { return nil }
    return Piece.run(CharacterClass("-"), 4...5).start(in: bytes, before: labelStart)
  }

  /// Adds up runs of base64 over line ends, quotes and escapes, until the key is long enough.
  private static func bodyEnd(in bytes: [UInt8], from start: Int) -> Int? {
    let limit = min(bytes.count, start + reach)
    var collected: [UInt8] = []
    var at = start
    while at < limit, collected.count < shortestBody {
      // The end line of an armour without a body.
      if Piece.text("-----").end(in: bytes, from: at) != nil { return nil }
      let end = Piece.run(.base64, 0...256).end(in: bytes, from: at) ?? at
      // A header's words are short, a key's lines are not; the letter of `\n` comes first.
      if end - at >= 16 { collected.append(contentsOf: bytes[at..<end]) }
      at = end == at ? at + escapeLength(bytes, at) : end
    }
    guard collected.count >= shortestBody, Placeholder.isKeyMaterial(collected[...])
    else { return nil }
    return Piece.run(.padded, 0...8192).end(in: bytes, from: at)
  }

  private static func escapeLength(_ bytes: [UInt8], _ at: Int) -> Int {
    bytes[at] == UInt8(ascii: "\\") && at + 1 < bytes.count ? 2 : 1
  }
}
