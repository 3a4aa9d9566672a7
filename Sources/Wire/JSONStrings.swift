/// All strings of a text, member names and values, in the order in which they stand there.
///
/// Walking costs no allocation and no decoding: it is one pass from quote to quote, which needs no
/// stack however deep the text is. Iterate it directly: `for string in text.strings { … }`.
public struct JSONStrings: Sequence, Sendable {
  let text: JSONText

  public struct Iterator: IteratorProtocol {
    private let text: JSONText
    private var at: Int

    init(_ text: JSONText) {
      self.text = text
      at = text.range.lowerBound
    }

    public mutating func next() -> JSONString? {
      let found = Self.string(text.storage.span, from: at, to: text.range.upperBound)
      guard let (quoted, isName, isEscaped) = found else { return nil }
      at = quoted.upperBound
      return JSONString(text: text, quoted: quoted, isName: isName, isEscaped: isEscaped)
    }

    private static func string(
      _ bytes: Span<UInt8>, from start: Int, to end: Int
    ) -> (quoted: Range<Int>, isName: Bool, isEscaped: Bool)? {
      var quote = start
      while quote < end, bytes[quote] != UInt8(ascii: "\"") { quote &+= 1 }
      guard quote < end else { return nil }
      let string = JSONSkip.string(bytes, from: quote)
      let next = JSONSkip.whiteSpace(bytes, from: string.end, to: end)
      let isName = next < end && bytes[next] == UInt8(ascii: ":")
      return (quote..<string.end, isName, string.isEscaped)
    }
  }

  public func makeIterator() -> Iterator { Iterator(text) }
}

/// One string inside a text. Its path and its plain form are worked out when they are asked for.
public struct JSONString: Sendable {
  let text: JSONText
  /// Its place in the storage, quotes included.
  let quoted: Range<Int>
  /// Whether it is the name of a member and no value.
  public let isName: Bool
  /// Whether ``raw`` holds escapes, so that it differs from ``utf8``.
  public let isEscaped: Bool

  /// The bytes between the quotes as they stand in the text, escapes unresolved.
  public var raw: ArraySlice<UInt8> {
    text.storage[(quoted.lowerBound + 1)..<(quoted.upperBound - 1)]
  }

  /// The string's UTF-8, escapes resolved.
  public var utf8: [UInt8] { isEscaped ? JSONEscape.resolve(raw) : Array(raw) }

  /// The string, escapes resolved.
  public var string: String { String(decoding: utf8, as: UTF8.self) }

  /// Where the string stands. For a member name it is the path of the object around it, so that
  /// naming the place of a secret in a name does not repeat the secret. Takes time in proportion
  /// to the text before the string: ask for what is reported, not for each string.
  public var path: JSONPath { text.path(to: quoted.lowerBound) }
}

extension JSONText {
  /// All strings in this text, at any depth.
  public var strings: JSONStrings { JSONStrings(text: self) }
}
