import Wire
import YAML

/// Reads one server of a catalog or of an image's label. What is wrong goes to the reader.
struct ServerDecoder {
  let fields: YAMLFields
  let name: String
  let origin: ServerOrigin

  var reader: YAMLReader { fields.reader }

  /// Nil only if there is no server to speak of; wrong values are left out and reported.
  func definition() -> ServerDefinition? {
    let kind = kind()
    // Read all the same, so that every problem of the entry is known at once.
    let definition = definition(of: kind ?? .containerTools([]))
    return kind == nil ? nil : definition
  }

  func definition(of kind: ServerDefinition.Kind) -> ServerDefinition {
    let secrets = secrets()
    let shown = shownFields()
    let definition = ServerDefinition(
      name: name, origin: origin, kind: kind, title: fields.string("title"),
      description: fields.string("description"), prefix: prefix(), secrets: secrets,
      tools: toolSummaries(kind), configSchemas: configSchemas(), oauth: fields.node("oauth")?.json,
      details: shown, era: era())
    refuseUntrustedPowers(of: definition)
    return definition
  }

  /// Keys that only tell people something.
  private func shownFields() -> [ServerDefinition.Detail] {
    _ = fields.node("name")
    let names = [
      "type", "icon", "readme", "toolsUrl", "source", "upstream", "dateAdded", "metadata",
    ]
    return names.compactMap { name in
      fields.node(name).map { ServerDefinition.Detail(name: name, value: $0.json) }
    }
  }

  private func kind() -> ServerDefinition.Kind? {
    let remote = RemoteServerDecoder(fields: fields)
    let hasImage = fields.node("image") != nil
    if hasImage && remote.isPresent {
      reader.report(
        at: fields.node, "it has an image and a remote address", hint: "keep one of the two")
      return nil
    }
    if remote.isPresent { return remote.server().map(ServerDefinition.Kind.remote) }
    if hasImage {
      return ContainerServerDecoder(fields: fields).server().map(ServerDefinition.Kind.container)
    }
    guard let tools = fields.list("tools"), !tools.isEmpty else {
      reader.report(
        at: fields.node, "it says not how it runs", hint: "write image, remote or tools")
      return nil
    }
    return .containerTools(ContainerToolDecoder(reader: reader).tools(tools))
  }

  private func prefix() -> String? {
    guard let node = fields.node("prefix"), let prefix = fields.string("prefix") else { return nil }
    if !Names.isTool(prefix) { reader.report(at: node, "prefix must be a word") }
    return prefix
  }

  private func era() -> ProtocolEra? {
    guard let node = fields.node("protocol"), let text = fields.string("protocol") else {
      return nil
    }
    switch text {
    case "auto": return nil
    case "handshake": return .handshake
    default:
      if let version = StatelessVersion(rawValue: text) {
        return ProtocolRevision.stateless(version).era
      }
      reader.report(
        at: node, "the protocol \(text.forMessage) is unknown",
        hint: "write auto, handshake or \(StatelessVersion.newest.rawValue)")
      return nil
    }
  }

  private func secrets() -> [SecretBinding] {
    var variables: Set<String> = []
    return (fields.list("secrets") ?? []).compactMap { node in
      guard let entry = reader.fields(node, "a secret"),
        let secret = entry.requiredString("name"), let variable = entry.requiredString("env")
      else { return nil }
      entry.ignoreRemarks()
      entry.reportUnknown(as: .warning)
      if !Names.isSecret(secret) {
        reader.report(at: node, "\(secret.forMessage) cannot be the name of a secret")
      }
      if !Names.isVariable(variable) {
        reader.report(at: node, "\(variable.forMessage) cannot be the name of a variable")
      }
      if !variables.insert(variable).inserted {
        reader.report(at: node, "two secrets have the variable \(variable.forMessage)")
      }
      return SecretBinding(secretName: secret, environmentVariable: variable)
    }
  }

  /// For a server the entries of `tools` are advertisements with whatever keys their author liked.
  private func toolSummaries(_ kind: ServerDefinition.Kind) -> [ToolSummary] {
    if case .containerTools(let tools) = kind {
      return tools.map { ToolSummary(name: $0.name, description: $0.description) }
    }
    return (fields.list("tools") ?? []).compactMap { node in
      guard let entry = reader.fields(node, "a tool"), let name = entry.requiredString("name")
      else { return nil }
      return ToolSummary(name: name, description: entry.string("description"))
    }
  }

  private func configSchemas() -> [JSONText] {
    (fields.list("config") ?? []).compactMap { node in
      reader.entries(node, "an entry of config").map { _ in node.json }
    }
  }

  /// What a catalog from the network may not have, however it is written.
  private func refuseUntrustedPowers(of definition: ServerDefinition) {
    guard case .fetched = origin else { return }
    let hint = "copy the server to a catalog of your own to grant it"
    if case .container(let container) = definition.kind, !container.extraHosts.isEmpty {
      reader.report(
        at: fields.node("extraHosts") ?? fields.node,
        "a catalog from the network may not set extraHosts", hint: hint)
    }
    for binding in definition.secrets where !binding.secretName.hasPrefix(name + ".") {
      reader.report(
        at: fields.node("secrets") ?? fields.node,
        """
        a catalog from the network may only name secrets of its own server, \
        \((name + ".…").forMessage), not \(binding.secretName.forMessage)
        """, hint: hint)
    }
  }
}
