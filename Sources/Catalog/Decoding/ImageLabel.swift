import Wire
import YAML

/// The server description that an image carries in its label `io.docker.server.metadata`.
///
/// Whoever built the image wrote it, so it is the least trusted of all: it describes the inside of
/// the sandbox and nothing else (CVE-2026-55887 was a label asking for host mounts).
public enum ImageLabel {
  public static let key = "io.docker.server.metadata"

  /// What a label may say. Everything else in it is ignored with a warning.
  private static let accepted: Set<String> = [
    "name", "type", "image", "title", "description", "icon", "readme", "toolsUrl", "source",
    "upstream", "dateAdded", "metadata", "command", "env", "config", "tools", "prefix",
    "readOnlyRootfs",
  ]

  /// The definition in a label, without any network, and the warnings about it.
  static func decode(
    _ bytes: [UInt8], of image: ImageArgument
  ) throws(ImageLabelRefusal) -> (definition: ServerDefinition, warnings: [Problem]) {
    let reader = YAMLReader(source: image.argument)
    let definition: ServerDefinition?
    do {
      let document = try YAMLDocument(bytes, source: image.argument, limits: .label)
      definition = document.root.flatMap { decode($0, of: image, reader) }
    } catch {
      throw ImageLabelRefusal(problems: [error])
    }
    let problems = reader.takeProblems()
    guard let definition, !problems.hasErrors else {
      throw ImageLabelRefusal(problems: problems.isEmpty ? [empty(image)] : problems)
    }
    return (definition, problems)
  }

  private static func decode(
    _ root: YAMLNode, of image: ImageArgument, _ reader: YAMLReader
  ) -> ServerDefinition? {
    guard let entries = reader.entries(root, "the label") else { return nil }
    let ignored = entries.filter { !accepted.contains($0.key) }
    if let first = ignored.first {
      reader.report(
        .warning, atKeyOf: first,
        "a label may not set \(ignored.map(\.key.forMessage).joined(separator: ", ")); ignored",
        hint: "describe the server in a catalog of your own to grant it")
    }
    let safe = entries.filter { accepted.contains($0.key) && $0.key != "image" }
    let safeRoot = YAMLNode(mapping: safe, line: root.line, column: root.column)
    guard let fields = reader.fields(safeRoot, "the label") else { return nil }
    let name = fields.string("name") ?? image.argument
    if fields.node("name") != nil, !Names.isServer(name) {
      reader.report(at: root, "\(name.forMessage) cannot be the name of a server")
    }
    return definition(named: name, fields, image)
  }

  private static func definition(
    named name: String, _ fields: YAMLFields, _ image: ImageArgument
  ) -> ServerDefinition? {
    let container = ContainerServerDecoder(fields: fields, image: image.reference).server()
    return container.map { container in
      var container = container
      container.isNetworkDisabled = true
      return ServerDecoder(fields: fields, name: name, origin: .image(reference: image.reference))
        .definition(of: .container(container))
    }
  }

  private static func empty(_ image: ImageArgument) -> Problem {
    Problem(source: image.argument, "its label \(key) is empty")
  }
}

/// Why a label describes no server.
struct ImageLabelRefusal: Error, Sendable, Hashable {
  var problems: [Problem]
}
