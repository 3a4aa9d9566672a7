/// Where tokens may begin and end: not inside a word, unless two strings meet there.
enum Boundary {
  /// Whether a token whose outermost piece is `piece` may begin at `start`. In text that was
  /// escaped twice the letter of a `\n` stands directly in front.
  static func opens(_ layer: Layer, at start: Int, with piece: Piece?) -> Bool {
    guard start > 0 else { return true }
    let bytes = layer.bytes
    let before = bytes[start - 1]
    guard continues(piece, with: before) else { return true }
    let isEscape =
      start > 1 && bytes[start - 2] == UInt8(ascii: "\\") && "nrt".utf8.contains(before)
    return isEscape || layer.isSeam(start)
  }

  static func closes(_ layer: Layer, at end: Int, with piece: Piece?) -> Bool {
    guard end < layer.bytes.count, continues(piece, with: layer.bytes[end]) else { return true }
    return layer.isSeam(end)
  }

  private static func continues(_ piece: Piece?, with byte: UInt8) -> Bool {
    piece?.continues(with: byte) ?? CharacterClass.alnum.contains(byte)
  }
}
