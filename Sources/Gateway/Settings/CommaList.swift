/// One line of comma-separated values with Go's quoting: an entry may stand in double quotes, in
/// which a quote is written twice.
enum CommaList {
  /// Nil when quotes do not match. An empty text has one empty entry.
  static func fields(_ text: String) -> [String]? {
    var fields: [String] = []
    var rest = Substring(text)
    repeat {
      guard let field = rest.hasPrefix("\"") ? quoted(&rest) : plain(&rest) else { return nil }
      fields.append(field)
      guard rest.first == "," else { break }
      rest.removeFirst()
      if rest.isEmpty { fields.append("") }
    } while !rest.isEmpty
    return rest.isEmpty ? fields : nil
  }

  private static func plain(_ rest: inout Substring) -> String? {
    let field = rest.prefix { $0 != "," }
    rest = rest[field.endIndex...]
    return field.contains("\"") ? nil : String(field)
  }

  private static func quoted(_ rest: inout Substring) -> String? {
    var field = ""
    rest.removeFirst()
    while let character = rest.popFirst() {
      guard character == "\"" else {
        field.append(character)
        continue
      }
      guard rest.first == "\"" else { return rest.isEmpty || rest.first == "," ? field : nil }
      field.append("\"")
      rest.removeFirst()
    }
    return nil
  }
}
