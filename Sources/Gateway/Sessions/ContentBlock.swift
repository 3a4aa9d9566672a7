import Wire

/// Content blocks that a client's protocol version does not know, as text with the same information:
/// clients may refuse a whole result for one block of unknown type (MCP, Versioning).
enum ContentBlock {
  static func text(_ text: String) -> JSONText {
    JSONText(object: [("type", JSONText(string: "text")), ("text", JSONText(string: text))])
  }

  /// Nil if `version` knows the block as it is.
  static func translated(_ block: JSONText, for version: ProtocolVersion) -> JSONText? {
    let words: String?
    switch block["type"]?.string {
    case "audio" where !version.knowsAudio: words = audio(block)
    case "resource_link" where !version.knowsResourceLinks: words = link(block)
    default: words = nil
    }
    guard let words else { return nil }
    return text(words).setting("annotations", to: block["annotations"])
  }

  private static func audio(_ block: JSONText) -> String {
    let type = block["mimeType"]?.string ?? "unknown type"
    return "Audio (\(type), base64): \(block["data"]?.string ?? "")"
  }

  private static func link(_ block: JSONText) -> String {
    func member(_ name: String) -> String? { block[name]?.string }
    let name = member("title") ?? member("name") ?? "unnamed"
    let size = block["size"].map { "\($0) bytes" }
    let details = [member("mimeType"), size].compactMap(\.self).joined(separator: ", ")
    let about = member("description").map { ": \($0)" } ?? ""
    let kind = details.isEmpty ? "" : " (\(details))"
    return "Resource \(name)\(kind) at \(member("uri") ?? "an unknown place")\(about)"
  }
}

extension ProtocolVersion {
  /// `result` with the content that this version knows; the newest ones know all.
  func presenting(_ result: JSONText, of method: Call.Method) -> JSONText {
    guard !knowsResourceLinks else { return result }
    switch method {
    case .callTool: return presenting("content", of: result)
    case .getPrompt: return presenting(messagesOf: result)
    default: return result
    }
  }

  /// The same for the `messages` of a prompt or a sampling request.
  func presenting(messagesOf object: JSONText) -> JSONText {
    guard !knowsResourceLinks, let messages = object["messages"], messages.kind == .array else {
      return object
    }
    let presented = messages.elements.map { message in
      guard let content = message["content"], content.kind == .object else {
        return presenting("content", of: message)
      }
      guard let block = ContentBlock.translated(content, for: self) else { return message }
      return message.setting("content", to: block)
    }
    guard presented != messages.elements else { return object }
    return object.setting("messages", to: JSONText(array: presented))
  }

  /// An object with a member that is an array of blocks.
  private func presenting(_ member: String, of object: JSONText) -> JSONText {
    guard let content = object[member], content.kind == .array else { return object }
    let blocks = content.elements
    let presented = blocks.map { ContentBlock.translated($0, for: self) ?? $0 }
    // What needs no change keeps its bytes.
    guard presented != blocks else { return object }
    return object.setting(member, to: JSONText(array: presented))
  }
}
