extension String {
  /// A name from a file as messages show it: in back quotes, shortened, and without characters
  /// that a terminal would obey.
  package var forMessage: String {
    let shown = unicodeScalars.prefix(80).map { scalar -> String in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
        "\\u{\(String(scalar.value, radix: 16))}"
      default: String(scalar)
      }
    }
    return "`\(shown.joined())\(unicodeScalars.count > 80 ? "…" : "")`"
  }
}
