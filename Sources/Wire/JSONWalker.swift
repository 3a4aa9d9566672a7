/// Steps over the parts of an accepted array or object.
struct JSONWalker {
  private let storage: [UInt8]
  private var at: Int
  private let end: Int
  private let isObject: Bool

  init(_ text: JSONText) {
    storage = text.storage
    isObject = text.kind == .object
    let isContainer = isObject || text.kind == .array
    at = isContainer ? text.range.lowerBound + 1 : text.range.upperBound
    end = isContainer ? text.range.upperBound - 1 : text.range.upperBound
  }

  /// The range of the next member's name, quotes included, and that of its value.
  mutating func nextMember() -> (name: Range<Int>, value: Range<Int>)? {
    guard isObject, let name = nextPart(), let value = nextPart() else { return nil }
    return (name, value)
  }

  mutating func nextElement() -> Range<Int>? { isObject ? nil : nextPart() }

  private mutating func nextPart() -> Range<Int>? {
    let start = JSONSkip.separators(storage.span, from: at, to: end)
    guard start < end else { return nil }
    at = JSONSkip.value(storage.span, from: start)
    return start..<at
  }
}
