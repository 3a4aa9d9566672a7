import YAML

/// Reads where a secret or a file is.
struct ValueSourceDecoder {
  private let reader: YAMLReader

  init(_ reader: YAMLReader) { self.reader = reader }

  /// `{environment: NAME}` or `{file: /path}`.
  func source(_ node: YAMLNode, _ what: String) -> ValueSource? {
    guard case .mapping = node.kind, let fields = reader.fields(node, what) else {
      // The value itself may be the secret, so it is not repeated.
      reader.report(
        at: node, "\(what) is never written into a policy file",
        hint: "write {environment: NAME} or {file: /path}")
      return nil
    }
    let variable = fields.node("environment")
    let file = fields.node("file")
    fields.reportEmpty()
    fields.reportUnknown(as: .error)
    guard fields.unknown.isEmpty else { return nil }
    switch (variable, file) {
    case (let variable?, nil): return name(variable).map(ValueSource.environment)
    case (nil, let file?): return path(file, "file").map(ValueSource.file)
    default:
      reader.report(at: node, "\(what) needs one of environment and file")
      return nil
    }
  }

  /// The name of an environment variable.
  func name(_ node: YAMLNode) -> String? {
    guard let name = reader.string(node, "the name of a variable") else { return nil }
    let isName =
      name.utf8.first.map { !(0x30...0x39).contains($0) } == true && name.utf8.count <= 256
      && name.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
          || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_")
      }
    if isName { return name }
    reader.report(at: node, "\(name.forMessage) is no name of an environment variable")
    return nil
  }

  /// An absolute path: a relative one would mean another file after each change of the folder.
  func path(_ node: YAMLNode, _ what: String) -> String? {
    guard let path = reader.string(node, what) else { return nil }
    let parts = path.split(separator: "/")
    guard path.hasPrefix("/"), !parts.contains(".."), !parts.contains(".") else {
      reader.report(
        at: node, "\(path.forMessage) is not an absolute path",
        hint: "write it from / on, without ..")
      return nil
    }
    return path
  }
}
