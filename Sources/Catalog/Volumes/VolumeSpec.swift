/// A volume as written: its fields, before anybody looked at the host.
struct VolumeSpec: Sendable, Hashable {
  enum Source: Sendable, Hashable {
    case anonymous
    case named(String)
    case path(String)
  }

  var source: Source
  /// Whether a value, and not the catalog, named the source.
  var isSourceFromData: Bool
  var target: String
  /// The mode's words; empty where there is none.
  var modes: [String]

  /// Fields are separated by the colons that the template's author wrote. A colon within a value
  /// would start a field the author did not mean: `/etc:/x:rw`.
  init(_ text: TemplateText) throws(VolumeRefusal) {
    let fields = try Self.fields(of: text)
    guard (1...3).contains(fields.count), let first = fields.first else {
      throw VolumeRefusal("a volume has the form source:target[:mode]")
    }
    let words = fields.map(\.text)
    guard words.allSatisfy({ !$0.isEmpty }) else { throw VolumeRefusal("a field is empty") }
    target = try Self.target(words.count == 1 ? words[0] : words[1])
    source = words.count == 1 ? .anonymous : Self.source(words[0])
    isSourceFromData = words.count > 1 && first.hasData
    modes = words.count == 3 ? words[2].split(separator: ",").map(String.init) : []
  }

  private static func fields(of text: TemplateText) throws(VolumeRefusal) -> [TemplateText] {
    guard !text.text.hasPrefix("-") else { throw VolumeRefusal("it starts with `-`") }
    guard !text.text.utf8.contains(0) else { throw VolumeRefusal("it holds a NUL character") }
    var fields = [TemplateText.empty]
    for piece in text.pieces {
      if piece.isData {
        guard !piece.text.utf8.contains(UInt8(ascii: ":")) else {
          throw VolumeRefusal("a value holds a colon, which would separate fields")
        }
        fields[fields.count - 1] = fields[fields.count - 1] + .data(piece.text)
        continue
      }
      for (index, part) in piece.text.split(separator: ":", omittingEmptySubsequences: false)
        .enumerated()
      {
        if index > 0 { fields.append(.empty) }
        fields[fields.count - 1] = fields[fields.count - 1] + .literal(String(part))
      }
    }
    return fields
  }

  private static func target(_ text: String) throws(VolumeRefusal) -> String {
    let clean = HostPath.clean(text)
    guard text.hasPrefix("/"), clean != "/" else {
      throw VolumeRefusal("the path in the container must be absolute, and not / itself")
    }
    return clean
  }

  private static func source(_ text: String) -> Source {
    let isName =
      text.utf8.first.map(isAlphanumeric) == true
      && text.utf8.allSatisfy { isAlphanumeric($0) || "_.-".utf8.contains($0) }
    return isName ? .named(text) : .path(text)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    let character = Character(Unicode.Scalar(byte))
    return character.isASCII && (character.isLetter || character.isNumber)
  }
}

/// Why a volume is not mounted. The message never holds a value, since it may reach a model;
/// `path` is for the operator.
struct VolumeRefusal: Error, Sendable, Hashable {
  var message: String
  var path: String?
  var hint: String?

  init(_ message: String, path: String? = nil, hint: String? = nil) {
    self.message = message
    self.path = path
    self.hint = hint
  }
}
