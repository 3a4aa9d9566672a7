import Wire

/// Writes the members of a record as JSON that is printable ASCII throughout: whoever looks at a log
/// with `cat` sees what is there, whatever a server or client called its things.
struct RecordText {
  private(set) var bytes: [UInt8] = []
  private var needsComma = false

  init(type: RecordType) {
    bytes.reserveCapacity(1_024)
    add("type", type.rawValue)
  }

  private mutating func begin(_ name: String) {
    beginElement()
    Self.quote(name, limit: .max, into: &bytes)
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func beginElement() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  /// A string, cut to `limit` characters; what was cut shows as `…`.
  mutating func add(_ name: String, _ text: String, limit: Int = 512) {
    begin(name)
    Self.quote(text, limit: limit, into: &bytes)
  }

  /// Nothing where there is no value.
  mutating func add(_ name: String, _ text: String?, limit: Int = 512) {
    if let text { add(name, text, limit: limit) }
  }

  mutating func add(_ name: String, _ number: Int) {
    begin(name)
    bytes += String(number).utf8
  }

  mutating func add(_ name: String, _ truth: Bool) {
    begin(name)
    bytes += (truth ? "true" : "false").utf8
  }

  mutating func add(_ name: String, hex digest: some Sequence<UInt8>) {
    begin(name)
    bytes.append(UInt8(ascii: "\""))
    Hex.append(digest, to: &bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func add(_ name: String, _ time: Timestamp) {
    begin(name)
    bytes.append(UInt8(ascii: "\""))
    time.append(to: &bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  /// A JSON value as it is, but for line breaks between its parts and characters outside of ASCII.
  mutating func add(_ name: String, json: JSONText) {
    begin(name)
    for scalar in json.description.unicodeScalars {
      if scalar.value < 0x20 {
        // The scanner lets control characters stand between values only.
        bytes.append(0x20)
      } else if scalar.value < 0x7F {
        bytes.append(UInt8(scalar.value))
      } else {
        Self.escape(scalar, into: &bytes)
      }
    }
  }

  mutating func object(_ name: String, _ members: (inout RecordText) -> Void) {
    begin(name)
    nested("{", "}", members)
  }

  mutating func array(_ name: String, _ elements: (inout RecordText) -> Void) {
    begin(name)
    nested("[", "]", elements)
  }

  /// An object inside an array.
  mutating func element(_ members: (inout RecordText) -> Void) {
    beginElement()
    nested("{", "}", members)
  }

  private mutating func nested(
    _ opening: Unicode.Scalar, _ closing: Unicode.Scalar, _ inner: (inout RecordText) -> Void
  ) {
    bytes.append(UInt8(ascii: opening))
    needsComma = false
    inner(&self)
    bytes.append(UInt8(ascii: closing))
    needsComma = true
  }

  /// `text` as a JSON string of printable ASCII. A NUL, which strict readers refuse even as an
  /// escape, becomes U+FFFD.
  static func quote(_ text: String, limit: Int, into bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    defer { bytes.append(UInt8(ascii: "\"")) }
    if appendPlain(text, limit: limit, to: &bytes) { return }
    var room = limit
    for scalar in text.unicodeScalars {
      guard room > 0 else { return escape("…", into: &bytes) }
      room -= 1
      switch scalar {
      case "\"", "\\":
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(UInt8(scalar.value))
      case "\0": escape("\u{FFFD}", into: &bytes)
      case "\u{20}"..."\u{7E}": bytes.append(UInt8(scalar.value))
      default: escape(scalar, into: &bytes)
      }
    }
  }

  /// Most of what stands in a record needs no escape. False, and nothing appended, for the rest.
  private static func appendPlain(_ text: String, limit: Int, to bytes: inout [UInt8]) -> Bool {
    var text = text
    return text.withUTF8 { utf8 in
      guard utf8.count <= limit else { return false }
      for index in 0..<utf8.count where !isPlain(unsafe utf8[index]) { return false }
      unsafe bytes.append(contentsOf: utf8)
      return true
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  private static func escape(_ scalar: Unicode.Scalar, into bytes: inout [UInt8]) {
    for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
      bytes += #"\u"#.utf8
      Hex.append([UInt8(unit >> 8), UInt8(unit & 0xFF)], to: &bytes)
    }
  }
}
