extension Piece {
  /// The position behind this piece when it begins at `start`.
  func end(in bytes: [UInt8], from start: Int) -> Int? {
    switch self {
    case .text(let text):
      let end = start + text.utf8.count
      return end <= bytes.count && bytes[start..<end].elementsEqual(text.utf8) ? end : nil
    case .run(let characters, let count):
      let limit = min(bytes.count, start + count.upperBound)
      var at = start
      while at < limit, characters.contains(bytes[at]) { at += 1 }
      return at - start >= count.lowerBound ? at : nil
    }
  }

  /// The position at which this piece begins when it ends before `end`.
  func start(in bytes: [UInt8], before end: Int) -> Int? {
    switch self {
    case .text(let text):
      let start = end - text.utf8.count
      return start >= 0 && bytes[start..<end].elementsEqual(text.utf8) ? start : nil
    case .run(let characters, let count):
      let limit = max(0, end - count.upperBound)
      var at = end
      while at > limit, characters.contains(bytes[at - 1]) { at -= 1 }
      return end - at >= count.lowerBound ? at : nil
    }
  }

  var longest: Int {
    switch self {
    case .text(let text): text.utf8.count
    case .run(_, let count): count.upperBound
    }
  }

  /// Whether `byte` would carry the token on, so that what was read is only a part.
  func continues(with byte: UInt8) -> Bool {
    switch self {
    case .text: CharacterClass.alnum.contains(byte)
    case .run(let characters, _):
      characters.contains(byte) || CharacterClass.alnum.contains(byte)
    }
  }
}
