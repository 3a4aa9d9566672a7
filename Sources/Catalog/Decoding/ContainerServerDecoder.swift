import Wire
import YAML

/// Reads the fields of a server that runs as a container.
struct ContainerServerDecoder {
  let fields: YAMLFields
  /// Set where the image is known otherwise.
  var image: String?

  private var reader: YAMLReader { fields.reader }

  func server() -> ContainerServer? {
    let server = ContainerServer(
      image: image ?? ImageField.read(fields) ?? "", command: templates("command"),
      environment: environment(), volumes: templates("volumes"), user: user(),
      isNetworkDisabled: fields.bool("disableNetwork") ?? false, allowedHosts: allowedHosts(),
      extraHosts: extraHosts(), isLongLived: fields.bool("longLived") ?? false,
      hasReadOnlyRoot: fields.bool("readOnlyRootfs") ?? false)
    return server.image.isEmpty ? nil : server
  }

  private func templates(_ key: String) -> [Template] {
    TemplateField.list(key, in: fields)
  }

  private func user() -> Template? { TemplateField.user(in: fields) }

  private func environment() -> [EnvironmentTemplate] {
    (fields.list("env") ?? []).compactMap { node in
      guard let entry = reader.fields(node, "an entry of env"),
        let name = entry.requiredString("name")
      else { return nil }
      if !Names.isVariable(name) {
        reader.report(at: node, "\(name.forMessage) cannot be the name of a variable")
      }
      return EnvironmentTemplate(name: name, value: value(of: entry))
    }
  }

  private func value(of entry: YAMLFields) -> EnvironmentTemplate.Value {
    let text = entry.string("value") ?? ""
    guard text.contains("{{"), text.contains("}}"), let node = entry.node("value") else {
      return .expandable(ExpandableText(text))
    }
    return .template(TemplateField.template(text, at: node, reader: reader))
  }

  private func allowedHosts() -> [AllowedHost] {
    values("allowHosts", hint: "write host:port, host:port/https or host:port/tcp") {
      AllowedHost($0)
    }
  }

  private func extraHosts() -> [ExtraHost] {
    values("extraHosts", hint: "write name:address") { ExtraHost($0) }
  }

  private func values<Value>(
    _ key: String, hint: String, _ parse: (String) -> Value?
  ) -> [Value] {
    (fields.list(key) ?? []).compactMap { node in
      guard let text = reader.string(node, "an entry of \(key)") else { return nil }
      let value = parse(text)
      if value == nil {
        reader.report(at: node, "\(text.forMessage) cannot be an entry of \(key)", hint: hint)
      }
      return value
    }
  }
}

/// The `image` of a server or a tool.
enum ImageField {
  static func read(_ fields: YAMLFields) -> String? {
    guard let image = fields.requiredString("image") else { return nil }
    guard Names.isImage(image) else {
      fields.reader.report(
        at: fields.node("image") ?? fields.node, "\(image.forMessage) is no image reference")
      return nil
    }
    return image
  }
}

/// Fields whose texts are templates.
enum TemplateField {
  static func list(_ key: String, in fields: YAMLFields) -> [Template] {
    (fields.list(key) ?? []).compactMap { node in
      fields.reader.string(node, "an entry of \(key)").map {
        template($0, at: node, reader: fields.reader)
      }
    }
  }

  static func user(in fields: YAMLFields) -> Template? {
    guard let node = fields.node("user"), let text = fields.string("user"), !text.isEmpty
    else { return nil }
    let user = template(text, at: node, reader: fields.reader)
    if !user.hasReferences, !Names.isUser(text) {
      fields.reader.report(
        at: node, "\(text.forMessage) cannot be a user", hint: "write uid, uid:gid or a name")
    }
    return user
  }

  static func template(_ text: String, at node: YAMLNode, reader: YAMLReader) -> Template {
    let template = Template(text)
    for filter in template.unknownFilters {
      let isMisspelt = filter.hasPrefix("or:") || filter.hasPrefix("mount_as:")
      reader.report(
        .warning, at: node, "the filter \(filter.forMessage) is unknown and changes nothing",
        hint: isMisspelt ? "write it without a space after the bar" : nil)
    }
    return template
  }
}
