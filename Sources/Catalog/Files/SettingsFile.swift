import Wire
import YAML

/// What the small files have in common: one document, perhaps empty.
enum SettingsFile {
  static func read(
    _ bytes: [UInt8], source: String, _ body: (YAMLNode, YAMLReader) -> Void
  ) -> [Problem] {
    let reader = YAMLReader(source: source)
    do {
      if let root = try YAMLDocument(bytes, source: source).root { body(root, reader) }
    } catch {
      return [error]
    }
    return reader.takeProblems()
  }
}
