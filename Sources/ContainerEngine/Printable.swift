/// Text from outside made fit for a log line or an error: one line, no control characters that
/// could drive a terminal, not longer than people read.
enum Printable {
  static let longest = 1000

  static func text(_ untrusted: String) -> String {
    var safe = ""
    for scalar in untrusted.unicodeScalars {
      guard safe.utf8.count < longest else { return safe + "…" }
      append(scalar, to: &safe)
    }
    return safe
  }

  private static func append(_ scalar: Unicode.Scalar, to safe: inout String) {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
      safe += scalar == "\n" || scalar == "\t" ? " " : scalar.escaped(asASCII: true)
    default: safe.unicodeScalars.append(scalar)
    }
  }
}
