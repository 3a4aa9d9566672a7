/// Random numbers that come again in the same order: a failure can be repeated by its seed.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Makes texts that must be accepted, and breaks them.
struct TextGenerator: RandomNumberGenerator {
  private var numbers: SeededNumbers

  init(seed: UInt64) { numbers = SeededNumbers(seed: seed) }

  mutating func next() -> UInt64 { numbers.next() }

  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &numbers) }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

  mutating func text() -> String { space() + value(depth: 0) + space() }

  mutating func object() -> String { container("{", "}", depth: 0) { $0.member($1, depth: $2) } }

  mutating func value(depth: Int) -> String {
    switch below(depth < 5 ? 10 : 6) {
    case 0: pick(["null", "true", "false"])
    case 1, 2: number()
    case 3, 4, 5: string()
    case 6, 7:
      container("[", "]", depth: depth) { generator, _, depth in
        generator.value(depth: depth)
      }
    default: container("{", "}", depth: depth) { $0.member($1, depth: $2) }
    }
  }

  private mutating func container(
    _ open: String, _ close: String, depth: Int,
    _ part: (inout TextGenerator, Int, Int) -> String
  ) -> String {
    // Now and then more names than are compared one by one.
    let count = depth < 2 && below(12) == 0 ? 30 : below(5)
    var parts: [String] = []
    for index in 0..<count { parts.append(space() + part(&self, index, depth + 1) + space()) }
    return open + (parts.isEmpty ? space() : parts.joined(separator: ",")) + close
  }

  private mutating func member(_ index: Int, depth: Int) -> String {
    // The number keeps names apart, however they are spelled.
    let stem = string().dropLast()
    return "\(stem)\(index)\"\(space()):\(space())\(value(depth: depth))"
  }

  private mutating func space() -> String {
    below(4) == 0 ? pick([" ", "\n", "\t", "\r\n", "  \n "]) : ""
  }

  private mutating func number() -> String {
    switch below(6) {
    case 0: String(Int64(bitPattern: numbers.next()))
    case 1: String(below(1000))
    case 2: "-\(below(10)).\(below(1000))"
    case 3: "\(below(10))\(pick(["e", "E"]))\(pick(["", "+", "-"]))\(below(300))"
    case 4: "\(1 + below(9)).\(below(100))\(pick(["e", "E"]))\(pick(["", "+", "-"]))0\(below(99))"
    default: pick(["0", "-0", "0.0", "18446744073709551615", "9007199254740993", "-1", "5e-324"])
    }
  }

  private mutating func string() -> String {
    let pieces = [
      "a", "Z", "0", " ", "/", "{", "}", "[", "]", ":", ",", "'", "plain text of some length", "é",
      "世界", "😀", "\u{7F}", "\u{2028}", "\u{10FFFF}", #"\""#, #"\\"#, #"\/"#, #"\b"#, #"\f"#,
      #"\n"#, #"\r"#, #"\t"#, #"\u0001"#, #"\u00e9"#, #"\u4E16"#, #"\ud83d\ude00"#, #"\uFFFD"#,
      #"\u0022"#, #"\u005c"#,
    ]
    var inside = ""
    for _ in 0..<below(8) { inside += pick(pieces) }
    return "\"\(inside)\""
  }

  /// Changes a few bytes.
  mutating func broken(_ text: String) -> [UInt8] {
    let fragments: [[UInt8]] = [
      "\"", "\\", "\\u", "\\ud83d", "\\u0000", "{", "}", "[", "]", ",", ":", "-", ".", "e9", "0",
      "1e999", "99999999999999999999", "\n", "null", "//", "\u{FEFF}", "\u{2028}", "\"a\":1,", "\0",
    ].map { Array($0.utf8) }
    var bytes = Array(text.utf8)
    for _ in 0...below(3) {
      let place = below(bytes.count + 1)
      switch below(5) {
      case 0 where place < bytes.count: bytes[place] = UInt8(below(256))
      case 1 where place < bytes.count: bytes.remove(at: place)
      case 2 where place < bytes.count: bytes.removeSubrange(place..<min(bytes.count, place + 5))
      case 3: bytes.insert(UInt8(below(256)), at: place)
      default: bytes.insert(contentsOf: pick(fragments), at: place)
      }
    }
    return bytes
  }
}
