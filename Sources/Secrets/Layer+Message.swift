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
      if isBlock && !string.isName { blocks.append(number) }
      isBlock = string.isName && string.raw.elementsEqual("text".utf8)
      if string.isEscaped {
        append(string.utf8, string: number)
      } else {
        append(string.raw, string: number)
      }
    }
    if blocks.count > 1 { appendJoined(blocks) }
  }

  private mutating func appendJoined(_ blocks: [Int]) {
    append(string: blocks[0]) { _ in }
    for block in blocks {
      let text = Array(bytes[pieces[block].start..<pieces[block].end])
      continueText(string: block) { $0.append(contentsOf: text) }
    }
  }
}
