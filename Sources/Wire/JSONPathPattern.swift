/// A path that may name several values: `content[*].text`.
///
/// The part of RFC 9535 (JSONPath) that names places: `$`, `.name`, `['name']`, `[2]`, `.*`, `[*]`.
/// No filters, slices or descent: what a path costs and means shall be plain.
public struct JSONPathPattern: Sendable, Hashable {
  public enum Step: Sendable, Hashable {
    case member(String)
    case index(Int)
    case every
  }

  /// Why a text is no path.
  public struct Flaw: Error, Sendable, Hashable {
    public let message: String
  }

  private static let mostSteps = 64

  public var steps: [Step]

  public init(_ steps: [Step]) { self.steps = steps }

  public init(parsing text: String) throws(Flaw) {
    var reader = PathReader(text)
    steps = try reader.steps()
    guard steps.count <= Self.mostSteps else { throw Flaw(message: "it has too many steps") }
  }

  /// Whether it may rightly name nothing.
  public var hasWildcard: Bool { steps.contains(.every) }

  /// The values in `text` that it names.
  public func values(in text: JSONText) -> [JSONText] {
    steps.reduce([text]) { values, step in
      values.flatMap { value in
        switch step {
        case .member(let name): value[name].map { [$0] } ?? []
        case .index(let index): Array(value.elements.dropFirst(index).prefix(1))
        case .every: value.kind == .object ? value.members.map(\.value) : value.elements
        }
      }
    }
  }
}

private struct PathReader {
  private let bytes: [UInt8]
  private var at = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  mutating func steps() throws(JSONPathPattern.Flaw) -> [JSONPathPattern.Step] {
    var steps: [JSONPathPattern.Step] = []
    if next == UInt8(ascii: "$") {
      at += 1
    } else if next != UInt8(ascii: "[") {
      steps.append(try name())
    }
    while let byte = next {
      at += 1
      switch byte {
      case UInt8(ascii: "."): steps.append(try name())
      case UInt8(ascii: "["): steps.append(try bracket())
      default: throw flaw("an unexpected character")
      }
    }
    return steps
  }

  private mutating func name() throws(JSONPathPattern.Flaw) -> JSONPathPattern.Step {
    let start = at
    while let byte = next, byte != UInt8(ascii: "."), byte != UInt8(ascii: "[") { at += 1 }
    guard at > start else { throw flaw("a name is missing") }
    let name = String(decoding: bytes[start..<at], as: UTF8.self)
    return name == "*" ? .every : .member(name)
  }

  private mutating func bracket() throws(JSONPathPattern.Flaw) -> JSONPathPattern.Step {
    if let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
      return try quoted(quote)
    }
    guard let end = bytes[at...].firstIndex(of: UInt8(ascii: "]")) else {
      throw flaw("a bracket is not closed")
    }
    let inner = bytes[at..<end]
    let text = String(decoding: inner, as: UTF8.self)
    let isIndex = (1...9).contains(inner.count) && inner.allSatisfy { $0 &- 0x30 < 10 }
    guard text == "*" || isIndex else { throw flaw("a bracket holds no index, name or *") }
    at = end + 1
    return Int(text).map { .index($0) } ?? .every
  }

  /// A name between quotes. No escapes: a name with both kinds of quotes cannot be written.
  private mutating func quoted(_ quote: UInt8) throws(JSONPathPattern.Flaw) -> JSONPathPattern.Step
  {
    let start = at + 1
    guard let end = bytes[start...].firstIndex(of: quote), end + 1 < bytes.count,
      bytes[end + 1] == UInt8(ascii: "]")
    else { throw flaw("a quoted name is not closed") }
    at = end + 2
    return .member(String(decoding: bytes[start..<end], as: UTF8.self))
  }

  private func flaw(_ what: String) -> JSONPathPattern.Flaw {
    JSONPathPattern.Flaw(message: "\(what) at character \(at + 1)")
  }
}
