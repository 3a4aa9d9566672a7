import Wire

/// Resources that no list names and that servers have linked to in results of this client: they can
/// be read from the server that linked to them, and no other learns of them. The oldest are
/// forgotten.
struct HandedOutLinks: Sendable {
  static let most = 1_000
  /// Longer URIs are not remembered.
  static let longest = 4_096

  private var owners: [String: Set<String>] = [:]
  private var order: [String] = []

  mutating func add(_ uri: String, of server: String) {
    guard uri.utf8.count <= Self.longest else { return }
    if owners[uri] == nil {
      if order.count == Self.most { owners[order.removeFirst()] = nil }
      order.append(uri)
    }
    owners[uri, default: []].insert(server)
  }

  /// Where a URI leads that the lists do not know. Two servers that link to the same are told apart
  /// by the client.
  func find(_ uri: String) -> Directory.Lookup {
    if let servers = owners[uri]?.sorted(), let first = servers.first {
      return servers.count == 1
        ? .route(.init(server: first, name: uri))
        : .ambiguous(servers.map { QualifiedURI.make(server: $0, uri: uri) })
    }
    if let (server, own) = QualifiedURI.split(uri), owners[own]?.contains(server) == true {
      return .route(.init(server: server, name: own))
    }
    return .unknown
  }
}

extension Snapshot {
  /// A result with links under the URIs by which the client can read them. Only servers that have
  /// resources are searched for links.
  ///
  /// - Parameter remember: told of links that no list names.
  func linked(
    _ result: JSONText, of call: Call, in directory: Directory, remember: (_ uri: String) -> Void
  ) -> JSONText {
    guard listings[call.server]?.offersResources == true else { return result }
    return ResultLinks(method: call.method, result: result).renamed { uri in
      let found = directory.resource(uri)
      if case .route = found { return nil }
      remember(uri)
      return found == .unknown ? nil : QualifiedURI.make(server: call.server, uri: uri)
    }
  }
}

/// The resource links in the result of a call.
struct ResultLinks {
  let method: Call.Method
  let result: JSONText

  /// The result with `name` in the place of each URI that it links to; nil leaves one as it is.
  func renamed(_ name: (_ uri: String) -> String?) -> JSONText {
    switch method {
    case .callTool, .taskResult: return renamed("content", of: result, name)
    case .getPrompt:
      return changed("messages", of: result) { message in
        guard let content = message["content"] else { return message }
        return content.kind == .array
          ? renamed("content", of: message, name)
          : message.setting("content", to: renamed(content, name))
      }
    case .readResource, .complete, .subscribe, .unsubscribe, .getTask, .cancelTask: return result
    }
  }

  private func renamed(
    _ member: String, of object: JSONText, _ name: (String) -> String?
  ) -> JSONText {
    changed(member, of: object) { renamed($0, name) }
  }

  private func renamed(_ block: JSONText, _ name: (String) -> String?) -> JSONText {
    guard block["type"]?.string == "resource_link", let uri = block["uri"]?.string,
      let other = name(uri)
    else { return block }
    return block.setting("uri", to: JSONText(string: other))
  }

  /// What needs no change keeps its bytes.
  private func changed(
    _ member: String, of object: JSONText, _ change: (JSONText) -> JSONText
  ) -> JSONText {
    guard let list = object[member], list.kind == .array else { return object }
    let elements = list.elements
    let changed = elements.map(change)
    guard changed != elements else { return object }
    return object.setting(member, to: JSONText(array: changed))
  }
}
