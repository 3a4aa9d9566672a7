import Wire

extension Layer {
  /// All strings of a message, names and values; behind them, if there are several, its text
  /// blocks joined: a reader sees them as one text, and a token may be split over two.
  init(stringsOf text: JSONText) {
    self.init()
    reserve(text.count)
    var blocks: [Int] = []
    var isBlock = false
    for (number, string) in text.strings.enumerated() {
      let raw = string.raw
      if isBlock && !string.isName { blocks.append(number) }
      isBlock = string.isName && Self.isText(string)
      append(string.isEscaped ? string.utf8[...] : raw, string: number)
    }
    if blocks.count > 1 { appendJoined(blocks) }
  }

  /// Whether a member is called `text`, which escapes may hide.
  private static func isText(_ name: JSONString) -> Bool {
    let raw = name.raw
    if raw.count == 4 { return raw.elementsEqual("text".utf8) }
    return raw.count <= 24 && raw.contains(UInt8(ascii: "\\")) && name.utf8 == Array("text".utf8)
  }

  private mutating func appendJoined(_ blocks: [Int]) {
    append(string: blocks[0]) { _ in }
    for block in blocks {
      let text = Array(bytes[pieces[block].start..<pieces[block].end])
      continueText(string: block) { $0.append(contentsOf: text) }
    }
  }
}
