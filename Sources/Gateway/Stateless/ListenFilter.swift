import Wire

/// What a client listens for (`subscriptions/listen`, MCP 2026-07-28).
struct ListenFilter: Sendable, Hashable {
  enum List: String, Sendable, Hashable, CaseIterable {
    case tools, prompts, resources

    var member: String { "\(rawValue)ListChanged" }
    var method: String { "notifications/\(rawValue)/list_changed" }
  }

  var lists: Set<List>
  /// As the client knows them.
  var uris: [String]

  init(_ params: JSONText) throws(RPCError) {
    guard let wanted = params["notifications"], wanted.kind == .object else {
      throw .invalidParams("params.notifications must be an object")
    }
    lists = Set(List.allCases.filter { wanted[$0.member]?.bool == true })
    guard let given = wanted["resourceSubscriptions"] else {
      uris = []
      return
    }
    let texts = given.elements.compactMap(\.string)
    guard given.kind == .array, texts.count == given.elements.count else {
      throw .invalidParams("params.notifications.resourceSubscriptions must be an array of strings")
    }
    guard texts.count <= Subscriptions.most else {
      throw .invalidParams("no more than \(Subscriptions.most) resources can be listened for")
    }
    uris = texts
  }

  /// The same without resources that nobody announces.
  func keeping(_ kept: [String]) -> ListenFilter {
    var filter = self
    filter.uris = kept
    return filter
  }

  /// As it is told to the client.
  var text: JSONText {
    var members = List.allCases.filter(lists.contains).map { ($0.member, JSONText(true)) }
    if !uris.isEmpty {
      members.append(("resourceSubscriptions", JSONText(array: uris.map { JSONText(string: $0) })))
    }
    return JSONText(object: members)
  }
}
