import Wire

/// A file of `name=value` lines.
public struct SecretFile: SecretSource {
  public let title: String
  private let values: [String: Secret]

  private static let longestLine = 64 << 10

  /// A line that is no comment and no assignment is an error: a file cut short must not look like
  /// one that simply holds fewer secrets. No problem ever shows what a line holds.
  public static func decode(
    _ bytes: [UInt8], source: String
  ) -> (file: SecretFile, problems: [Problem]) {
    var values: [String: Secret] = [:]
    var problems: [Problem] = []
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      do {
        guard let (name, value) = try assignment(line) else { continue }
        if values.updateValue(value, forKey: name) != nil {
          problems.append(
            Problem(.warning, source: source, line: index + 1, "the name was given before"))
        }
      } catch {
        problems.append(
          Problem(source: source, line: index + 1, column: 1, error.message, hint: error.hint))
      }
    }
    return (SecretFile(title: source, values: values), problems)
  }

  private struct BadLine: Error {
    var message: String
    var hint: String?
  }

  /// Nil for a blank line or a comment, which starts in column 1.
  private static func assignment(
    _ line: ArraySlice<UInt8>
  ) throws(BadLine) -> (name: String, value: Secret)? {
    guard line.count <= longestLine else {
      throw BadLine(message: "the line is longer than \(longestLine) bytes")
    }
    guard let text = String(validating: line, as: UTF8.self), !line.contains(0) else {
      throw BadLine(message: "the line is not UTF-8 text", hint: "save the file as UTF-8")
    }
    let trimmed = text.trimmed
    if trimmed.isEmpty || text.hasPrefix("#") { return nil }
    guard let equals = trimmed.utf8.firstIndex(of: UInt8(ascii: "=")) else {
      throw BadLine(message: "the line has no `=`", hint: "write name=value, or # in front")
    }
    let name = trimmed[..<equals].trimmed
    guard !name.isEmpty else { throw BadLine(message: "the name before `=` is missing") }
    return (name, Secret(String(trimmed[equals...].dropFirst())))
  }

  public func value(of name: String) async throws -> Secret? { values[name] }
}
