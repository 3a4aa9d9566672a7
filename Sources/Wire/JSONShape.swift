/// What a value looks like without saying what it is: `{path: string(12), lines: [integer x3]}`.
///
/// Call logs show shapes, because arguments hold what people would not want in a log: values never
/// appear. Member names do, made printable. Long or deep texts are cut with `…`.
public struct JSONShape: Sendable, Hashable, CustomStringConvertible {
  public let description: String

  /// At most about `limit` characters, whatever the value.
  public init(of text: JSONText, limit: Int = 200) {
    var sketch = Sketch(room: limit)
    sketch.value(text, depth: 0)
    description = sketch.written
  }

  private struct Sketch {
    private static let mostDepth = 3
    private static let longestName = 40

    var room: Int
    var written = ""

    mutating func write(_ part: String) {
      room -= part.utf8.count
      written += part
    }

    mutating func value(_ text: JSONText, depth: Int) {
      switch text.kind {
      case .object where depth < Self.mostDepth: object(text, depth: depth + 1)
      case .array where depth < Self.mostDepth: array(text, depth: depth + 1)
      default: write(Self.word(text))
      }
    }

    private mutating func object(_ text: JSONText, depth: Int) {
      var walker = JSONWalker(text)
      var separator = ""
      write("{")
      while let (name, value) = walker.nextMember() {
        guard room > 0 else {
          write("\(separator)…")
          break
        }
        write("\(separator)\(Self.name(text.storage[name])): ")
        self.value(JSONText(trusted: text.storage, value), depth: depth)
        separator = ", "
      }
      write("}")
    }

    /// Neighbours of one kind are counted: `[string x3, integer]`.
    private mutating func array(_ text: JSONText, depth: Int) {
      var walker = JSONWalker(text)
      var next = walker.nextElement().map { JSONText(trusted: text.storage, $0) }
      var separator = ""
      write("[")
      while let first = next {
        var count = 0
        while let element = next, Self.kind(element) == Self.kind(first) {
          count += 1
          next = walker.nextElement().map { JSONText(trusted: text.storage, $0) }
        }
        guard room > 0 else {
          write("\(separator)…")
          break
        }
        write(separator)
        if count == 1 {
          value(first, depth: depth)
        } else {
          write("\(Self.plural(first)) x\(count)")
        }
        separator = ", "
      }
      write("]")
    }

    private static func name(_ quoted: ArraySlice<UInt8>) -> String {
      let name = JSONText.plainString(quoted)
      let isPlain =
        !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && !",:{}[]()\"".utf8.contains($0) }
      let shown = isPlain ? name : JSONText(string: String(name.prefix(longestName))).description
      return PrintableText(shown, limit: longestName).description
    }

    private static func word(_ text: JSONText) -> String {
      switch text.kind {
      case .string: "string(\(length(text.bytes.dropFirst().dropLast())))"
      case .object: text.isEmptyContainer ? "{}" : "{…}"
      case .array: text.isEmptyContainer ? "[]" : "[…]"
      case .number, .bool, .null: kind(text)
      }
    }

    private static func plural(_ text: JSONText) -> String {
      switch text.kind {
      case .object: "{…}"
      case .array: "[…]"
      case .string, .number, .bool, .null: kind(text)
      }
    }

    private static func kind(_ text: JSONText) -> String {
      switch text.kind {
      case .number: text.bytes.contains { $0 | 0x20 == 0x65 || $0 == 0x2E } ? "number" : "integer"
      case .bool: "boolean"
      case .object, .array, .string, .null: text.kind.rawValue
      }
    }

    /// Characters as Unicode scalars, without decoding: an escape is one, a pair of them too.
    private static func length(_ raw: ArraySlice<UInt8>) -> Int {
      if JSONSkip.isPlainASCII(raw.span) { return raw.count }
      return raw.contains(UInt8(ascii: "\\"))
        ? JSONEscape.resolve(raw).count { $0 & 0xC0 != 0x80 } : raw.count { $0 & 0xC0 != 0x80 }
    }
  }
}

extension JSONText {
  fileprivate var isEmptyContainer: Bool {
    var walker = JSONWalker(self)
    return kind == .object ? walker.nextMember() == nil : walker.nextElement() == nil
  }
}
