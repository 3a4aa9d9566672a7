import Wire

/// The texts as which a known value may turn up.
enum ExactForms {
  static let shortestValue = 6
  /// Shorter values must stand alone, or every word that contains them would be refused.
  private static let shortestUnbounded = 12

  struct Form: Hashable {
    let bytes: [UInt8]
    var isBounded = false
  }

  /// The value without the line end that files add.
  static func core(of value: String) -> [UInt8] {
    var bytes = Array(value.utf8)[...]
    while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
    while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
    return Array(bytes)
  }

  static func reasonToSkip(_ core: [UInt8]) -> UnscannableSecret.Reason? {
    if core.count < shortestValue { return .tooShort }
    return Placeholder.isCommonWord(core[...]) ? .tooCommon : nil
  }

  static func all(of value: [UInt8]) -> [Form] {
    let isShort = value.count < shortestUnbounded
    let jsonEscaped = JSONText(string: String(decoding: value, as: UTF8.self)).bytes
    var forms = [
      Form(bytes: value, isBounded: isShort),
      Form(bytes: Array(jsonEscaped.dropFirst().dropLast()), isBounded: isShort),
      Form(bytes: value.reversed(), isBounded: isShort),
      Form(bytes: percentEncoded(value), isBounded: isShort),
      Form(bytes: hex(value, "0123456789abcdef")),
      Form(bytes: hex(value, "0123456789ABCDEF")),
    ]
    for shift in 0..<3 {
      forms.append(Form(bytes: base64(value, shift: shift, urlSafe: false)))
      forms.append(Form(bytes: base64(value, shift: shift, urlSafe: true)))
    }
    var seen: Set<[UInt8]> = []
    return forms.filter { seen.insert($0.bytes).inserted }
  }

  /// The digits that stand for `value` whatever surrounds it, when `shift` bytes of a group of
  /// three precede it: digits shared with a neighbour are left out.
  private static func base64(_ value: [UInt8], shift: Int, urlSafe: Bool) -> [UInt8] {
    let padding = [UInt8](repeating: 0, count: shift)
    let digits = Base64.encode(padding + value, urlSafe: urlSafe)
    let sharesLast = (shift + value.count) % 3 != 0
    return Array(digits.dropFirst([0, 2, 3][shift]).dropLast(sharesLast ? 1 : 0))
  }

  private static func hex(_ value: [UInt8], _ digits: String) -> [UInt8] {
    let digits = Array(digits.utf8)
    return value.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
  }

  /// RFC 3986: everything but unreserved characters as `%XX`.
  private static func percentEncoded(_ value: [UInt8]) -> [UInt8] {
    let unreserved = CharacterClass.dotted
    return value.flatMap { byte in
      unreserved.contains(byte) || byte == UInt8(ascii: "~")
        ? [byte] : [UInt8(ascii: "%")] + hex([byte], "0123456789ABCDEF")
    }
  }
}
