/// A member name as it stands in the text, quotes included.
struct MemberName {
  let range: Range<Int>
  let isEscaped: Bool
}

/// Finds a repeated name within one object without quadratic work: a few names are compared one by
/// one, many by hash (a plain set would cost an allocation for every small object).
struct MemberNameSet {
  private static let fewNames = 16
  private var hashed: Set<[UInt8]> = []

  /// False if an object whose names so far are `names` has `name` already.
  mutating func insert(
    _ name: MemberName, among names: ArraySlice<MemberName>, _ bytes: RawSpan
  ) -> Bool {
    if names.count < Self.fewNames {
      return !names.contains { Self.isSame($0, name, bytes) }
    }
    if hashed.isEmpty {
      for earlier in names { hashed.insert(Self.plain(earlier, bytes)) }
    }
    return hashed.insert(Self.plain(name, bytes)).inserted
  }

  private static func isSame(_ one: MemberName, _ other: MemberName, _ bytes: RawSpan) -> Bool {
    if one.isEscaped || other.isEscaped { return plain(one, bytes) == plain(other, bytes) }
    guard one.range.count == other.range.count else { return false }
    return zip(one.range, other.range).allSatisfy { first, second in
      unsafe bytes.unsafeLoad(fromByteOffset: first, as: UInt8.self)
        == bytes.unsafeLoad(fromByteOffset: second, as: UInt8.self)
    }
  }

  /// The name with its escapes resolved.
  private static func plain(_ name: MemberName, _ bytes: RawSpan) -> [UInt8] {
    let inner = (name.range.lowerBound + 1)..<(name.range.upperBound - 1)
    let raw = inner.map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    return name.isEscaped ? JSONEscape.resolve(raw[...]) : raw
  }
}
