import Wire

/// Why a text does not have the form that its format demands, and where.
struct FormFlaw: Error, Sendable, Hashable, CustomStringConvertible {
  let description: String
  /// Byte position in the text.
  let offset: Int

  init(_ description: String, at offset: Int) {
    self.description = description
    self.offset = offset
  }
}

/// A JSON object of which every member is known. Formats of signatures are read so: a member that
/// one reader ignores and another obeys would let one text mean two things.
struct StrictObject: Sendable {
  let text: JSONText
  let path: String

  /// - Parameters:
  ///   - path: names the object in messages; empty for the whole text.
  ///   - others: whether members beside those named are allowed (they are ignored then).
  init(
    _ text: JSONText, at path: String, required: [String] = [], optional: [String] = [],
    others: Bool = false
  ) throws(FormFlaw) {
    self.text = text
    self.path = path
    guard text.kind == .object else {
      throw FormFlaw(
        "\(Self.title(path)) must be an object, not \(text.kind.title)", at: text.offset)
    }
    let names = text.members.map(\.name)
    for name in required where !names.contains(name) {
      throw FormFlaw("\(Self.title(path)) lacks \"\(name)\"", at: text.offset)
    }
    guard !others else { return }
    for member in text.members where !(required + optional).contains(member.name) {
      throw FormFlaw(
        "\(Self.title(path)) has an unknown member \"\(PrintableText(member.name, limit: 60))\"",
        at: member.value.offset)
    }
  }

  func has(_ name: String) -> Bool { text[name] != nil }

  func value(_ name: String) throws(FormFlaw) -> JSONText {
    guard let value = text[name] else { throw flaw("lacks \"\(name)\"") }
    return value
  }

  func string(_ name: String) throws(FormFlaw) -> String {
    let value = try value(name)
    guard let string = value.string else { throw wrongKind(value, name, "a string") }
    return string
  }

  /// Nil where it is absent.
  func optionalString(_ name: String) throws(FormFlaw) -> String? {
    has(name) ? try string(name) : nil
  }

  /// Base64 in the standard alphabet with padding and nothing else.
  func base64(_ name: String) throws(FormFlaw) -> [UInt8] {
    guard let bytes = StrictBase64.decode(try string(name)) else {
      throw FormFlaw(
        "\(Self.title(member(name))) is not standard base64 with padding",
        at: try value(name).offset)
    }
    return bytes
  }

  func elements(_ name: String) throws(FormFlaw) -> [JSONText] {
    let value = try value(name)
    guard value.kind == .array else { throw wrongKind(value, name, "an array") }
    return value.elements
  }

  func strings(_ name: String) throws(FormFlaw) -> [String] {
    var strings: [String] = []
    for element in try elements(name) {
      guard let string = element.string else { throw wrongKind(element, name, "strings only") }
      strings.append(string)
    }
    return strings
  }

  private static let mostStrings = 1_000

  /// All members of an object of strings, in one pass: the text may be as long as a registry likes.
  func allStrings() throws(FormFlaw) -> [String: String] {
    let members = text.members
    guard members.count <= Self.mostStrings else {
      throw flaw("has more than \(Self.mostStrings) members")
    }
    var strings: [String: String] = [:]
    for member in members {
      guard let string = member.value.string else {
        throw wrongKind(member.value, member.name, "a string")
      }
      strings[member.name] = string
    }
    return strings
  }

  func object(
    _ name: String, required: [String] = [], optional: [String] = [], others: Bool = false
  ) throws(FormFlaw) -> StrictObject {
    try StrictObject(
      value(name), at: member(name), required: required, optional: optional, others: others)
  }

  /// A number with an integral value, however it is written: `1.0` and `1e3` are integers.
  func integer(_ name: String) throws(FormFlaw) -> Int64 {
    let value = try value(name)
    guard value.kind == .number, let integer = Self.integer(value.description) else {
      throw wrongKind(value, name, "an integral number of 64 bits")
    }
    return integer
  }

  /// Nil where the value is none or leaves what a double holds exactly.
  private static func integer(_ literal: String) -> Int64? {
    if let plain = Int64(literal) { return plain }
    guard let double = Double(literal), abs(double) < 9_007_199_254_740_992 else { return nil }
    return Int64(exactly: double)
  }

  func member(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  func flaw(_ words: String) -> FormFlaw {
    FormFlaw("\(Self.title(path)) \(words)", at: text.offset)
  }

  private func wrongKind(_ value: JSONText, _ name: String, _ wanted: String) -> FormFlaw {
    FormFlaw(
      "\(Self.title(member(name))) must be \(wanted), not \(value.kind.title)", at: value.offset)
  }

  private static func title(_ path: String) -> String { path.isEmpty ? "the text" : path }
}

extension JSONText.Kind {
  var title: String {
    switch self {
    case .object: "an object"
    case .array: "an array"
    case .string: "a string"
    case .number: "a number"
    case .bool: "a boolean"
    case .null: "null"
    }
  }
}

extension JSONText {
  /// The depth that formats of signatures allow.
  static let strictDepth = 64

  /// Reads a text of a signature format. The flaw has the position.
  static func strict(_ bytes: [UInt8], limit: Int) throws(FormFlaw) -> JSONText {
    do {
      return try JSONText(
        validating: bytes,
        limits: JSONLimits(
          maximumBytes: limit, maximumDepth: strictDepth, maximumValues: 200_000))
    } catch {
      throw FormFlaw("not strict JSON: \(error.reason.rawValue)", at: error.offset)
    }
  }
}
