import Wire
import YAML

/// Reads the tools of an entry that has neither image nor address: each is a container image.
struct ContainerToolDecoder {
  let reader: YAMLReader

  func tools(_ nodes: [YAMLNode]) -> [ContainerTool] {
    var names: Set<String> = []
    return nodes.compactMap { node in
      guard let fields = reader.fields(node, "a tool"), let tool = tool(fields) else { return nil }
      if !names.insert(tool.name).inserted {
        reader.report(at: node, "two tools have the name \(tool.name.forMessage)")
      }
      return tool
    }
  }

  private func tool(_ fields: YAMLFields) -> ContainerTool? {
    _ = fields.node("annotations")
    let description = fields.string("description")
    let schema = schema(fields)
    defer { fields.reportUnknown(as: .warning) }
    guard let name = fields.requiredString("name") else { return nil }
    if !Names.isTool(name) {
      reader.report(at: fields.node, "\(name.forMessage) cannot be the name of a tool")
    }
    guard let container = fields.fields("container") else {
      if fields.node("container") == nil {
        reader.report(
          at: fields.node, "the tool \(name.forMessage) has no container",
          hint: "a server without image and remote is a set of container tools")
      }
      return nil
    }
    defer { container.reportUnknown(as: .warning) }
    return ContainerTool(
      name: name, description: description, inputSchema: schema,
      image: ImageField.read(container) ?? "",
      command: TemplateField.list("command", in: container),
      volumes: TemplateField.list("volumes", in: container), user: TemplateField.user(in: container)
    )
  }

  /// The parameters are a JSON schema already, apart from the `type` that some authors leave out.
  private func schema(_ fields: YAMLFields) -> JSONText {
    let empty = JSONText(object: [("type", JSONText(string: "object"))])
    guard let node = fields.node("parameters"), reader.entries(node, "parameters") != nil else {
      return empty
    }
    let schema = node.json
    let type = schema["type"]
    if type != nil, type?.string != "object" {
      reader.report(at: node, "the type of parameters must be object")
    }
    for (key, kind) in [("properties", JSONText.Kind.object), ("required", .array)] {
      if let value = schema[key], value.kind != kind {
        reader.report(
          at: node, "\(key) of parameters must be \(kind == .object ? "a mapping" : "a list")")
      }
    }
    return schema.setting("type", to: JSONText(string: "object"))
  }
}
