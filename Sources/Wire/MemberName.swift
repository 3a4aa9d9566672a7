/// A member name as it stands in a text.
struct MemberName {
  /// Its place, without the quotes.
  let inner: Range<Int>
  let isEscaped: Bool
  /// The first eight bytes, so that most comparisons touch no other memory.
  private let head: UInt64

  init(inner: Range<Int>, isEscaped: Bool, _ bytes: Span<UInt8>) {
    self.inner = inner
    self.isEscaped = isEscaped
    var word: UInt64 = 0
    if inner.lowerBound &+ 8 <= bytes.count {
      word = UInt64(
        littleEndian: unsafe bytes.bytes.unsafeLoadUnaligned(
          fromByteOffset: inner.lowerBound, as: UInt64.self))
    } else {
      for at in inner.reversed() { word = word << 8 | UInt64(bytes[at]) }
    }
    head = word << (8 &* UInt64(8 &- min(8, inner.count)))
  }

  func isSame(as other: MemberName, _ bytes: Span<UInt8>) -> Bool {
    if isEscaped || other.isEscaped { return plain(bytes) == other.plain(bytes) }
    guard inner.count == other.inner.count, head == other.head else { return false }
    var offset = 8
    while offset < inner.count {
      let here = bytes[inner.lowerBound &+ offset]
      guard here == bytes[other.inner.lowerBound &+ offset] else { return false }
      offset &+= 1
    }
    return true
  }

  /// Of the unescaped name; seeded anew in each process, so nobody can prepare collisions.
  func hash(_ bytes: Span<UInt8>) -> Int {
    var hasher = Hasher()
    if isEscaped {
      unsafe plain(bytes).withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    } else {
      unsafe bytes.extracting(inner).withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }
    return hasher.finalize()
  }

  private func plain(_ bytes: Span<UInt8>) -> [UInt8] {
    let raw = inner.map { bytes[$0] }
    return isEscaped ? JSONEscape.resolve(raw[...]) : raw
  }
}
