import Glibc

/// Where the parts of an accepted text end. The grammar is trusted, so only strings and brackets
/// have to be recognized; every load is bounds-checked all the same.
enum JSONSkip {
  /// Passes bytes that are no quote, backslash or control character, eight at a time while eight
  /// are left. Only the lowest flag of a word is exact (a borrow can set higher ones), so only that
  /// one is used. `highBits` collects the bytes passed: whether any may be over 0x7F.
  @inline(__always)
  static func plain(_ bytes: Span<UInt8>, from start: Int, highBits: inout UInt64) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let raw = unsafe bytes.bytes
    var at = start
    while at &+ 8 <= bytes.count {
      let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
      let quote = word ^ 0x2222_2222_2222_2222
      let slash = word ^ 0x5C5C_5C5C_5C5C_5C5C
      let stop =
        ((quote &- ones) & ~quote | (slash &- ones) & ~slash
          | (word &- 0x2020_2020_2020_2020) & ~word) & 0x8080_8080_8080_8080
      highBits |= word
      if stop != 0 { return at &+ UInt64(littleEndian: stop).trailingZeroBitCount >> 3 }
      at &+= 8
    }
    return at
  }

  /// Whether the inside of a string is nothing but characters of one byte that stand for themselves.
  static func isPlainASCII(_ bytes: Span<UInt8>) -> Bool {
    var highBits: UInt64 = 0
    var at = plain(bytes, from: 0, highBits: &highBits)
    guard highBits & 0x8080_8080_8080_8080 == 0, at &+ 8 > bytes.count else { return false }
    while at < bytes.count {
      guard bytes[at] < 0x80, bytes[at] != UInt8(ascii: "\\") else { return false }
      at &+= 1
    }
    return true
  }

  /// The position after the string whose opening quote is at `start`, and whether it has escapes.
  ///
  /// By `memchr`, which looks at many bytes at a time. A quote that was found is kept while escapes
  /// before it are passed, so that every byte is looked at twice at most.
  static func string(_ bytes: Span<UInt8>, from start: Int) -> (end: Int, isEscaped: Bool) {
    unsafe bytes.withUnsafeBytes { raw in
      var at = start + 1
      var isEscaped = false
      var quote = unsafe position(of: UInt8(ascii: "\""), in: raw, from: at, to: raw.count)
      while let end = quote {
        let slash = unsafe position(of: UInt8(ascii: "\\"), in: raw, from: at, to: end)
        guard let slash else { return (end + 1, isEscaped) }
        isEscaped = true
        at = slash + 2
        if at > end {
          quote = unsafe position(of: UInt8(ascii: "\""), in: raw, from: at, to: raw.count)
        }
      }
      return (raw.count, isEscaped)
    }
  }

  @inline(__always)
  private static func position(
    of byte: UInt8, in raw: UnsafeRawBufferPointer, from start: Int, to end: Int
  ) -> Int? {
    guard start < end, let base = raw.baseAddress,
      let found = unsafe memchr(base + start, Int32(byte), end - start)
    else { return nil }
    return unsafe UnsafeRawPointer(found) - base
  }

  /// The position after the value at `start`.
  static func value(_ bytes: Span<UInt8>, from start: Int) -> Int {
    switch bytes[start] {
    case UInt8(ascii: "\""): string(bytes, from: start).end
    case UInt8(ascii: "{"), UInt8(ascii: "["): container(bytes, from: start)
    default: scalar(bytes, from: start)
    }
  }

  /// The first position from `at` on that is neither white space nor a comma or colon.
  static func separators(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
    var at = start
    while at < end {
      switch bytes[at] {
      case 0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: ","), UInt8(ascii: ":"): at += 1
      default: return at
      }
    }
    return end
  }

  /// The first position from `start` on that is no white space.
  static func whiteSpace(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
    var at = start
    while at < end, bytes[at] <= 0x20 { at += 1 }
    return at
  }

  /// The position of the first line break from `start` on; the end where there is none.
  static func lineBreak(_ bytes: Span<UInt8>, from start: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let raw = unsafe bytes.bytes
    var at = start
    while at &+ 8 <= bytes.count {
      let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
      let feed = word ^ 0x0A0A_0A0A_0A0A_0A0A
      let carriage = word ^ 0x0D0D_0D0D_0D0D_0D0D
      let stop = ((feed &- ones) & ~feed | (carriage &- ones) & ~carriage) & 0x8080_8080_8080_8080
      if stop != 0 { return at &+ UInt64(littleEndian: stop).trailingZeroBitCount >> 3 }
      at &+= 8
    }
    while at < bytes.count, bytes[at] != 0x0A, bytes[at] != 0x0D { at &+= 1 }
    return at
  }

  private static func container(_ bytes: Span<UInt8>, from start: Int) -> Int {
    var depth = 0
    var at = start
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "\""):
        at = string(bytes, from: at).end
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
      at += 1
      if depth == 0 { return at }
    }
    return bytes.count
  }

  private static func scalar(_ bytes: Span<UInt8>, from start: Int) -> Int {
    var at = start
    while at < bytes.count {
      switch bytes[at] {
      case 0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"):
        return at
      default: at += 1
      }
    }
    return bytes.count
  }
}
