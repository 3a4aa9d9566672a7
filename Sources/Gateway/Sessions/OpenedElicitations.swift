import Wire

/// The URLs that servers have asked the person of a session to open, by the ids that the servers
/// gave them, so that each server completes only its own. The oldest are forgotten.
struct OpenedElicitations: Sendable {
  static let most = 64

  private struct Key: Sendable, Hashable {
    let server: String
    let id: String
  }
  private var open: [Key] = []

  mutating func open(_ id: String, of server: String) {
    let key = Key(server: server, id: id)
    guard !open.contains(key) else { return }
    if open.count == Self.most { open.removeFirst() }
    open.append(key)
  }

  /// False if this server has opened none of this id.
  mutating func complete(_ id: String, of server: String) -> Bool {
    guard let index = open.firstIndex(of: Key(server: server, id: id)) else { return false }
    open.remove(at: index)
    return true
  }
}

extension RPCError {
  /// "Open these URLs, then try again" (MCP 2025-11-25 only).
  static let urlElicitationRequired = -32042

  /// What has to be opened.
  var elicitations: [JSONText] { data?["elicitations"]?.elements ?? [] }

  var elicitationIDs: [String] { elicitations.compactMap { $0["elicitationId"]?.string } }

  /// The same for a client that does not know the error: somebody has to read it.
  func inWords(of server: String) -> String {
    let wishes = elicitations.compactMap { elicitation -> String? in
      guard let url = elicitation["url"]?.string else { return nil }
      return [elicitation["message"]?.string, url].compactMap(\.self).joined(separator: ": ")
    }
    let words = "\(server) cannot go on: \(message)"
    return wishes.isEmpty
      ? words : "\(words). Open, then try again: \(wishes.joined(separator: "; "))"
  }
}
