import YAML

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

extension YAMLFields {
  /// Keys that catalogs add to secrets and variables for people who fill them in.
  func ignoreRemarks() {
    for key in ["example", "description", "required"] { _ = node(key) }
  }
}
