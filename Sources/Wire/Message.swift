/// One JSON-RPC 2.0 message as MCP uses it: no batches, `params` an object or absent.
public enum Message: Sendable, Hashable {
  case request(id: RequestID, method: String, params: JSONText?)
  case notification(method: String, params: JSONText?)
  case result(id: RequestID, JSONText)
  /// The id is null where a peer answers something it could not read.
  case failure(id: RequestID?, RPCError)

  /// Reads one message. The error carries the id of the request where it could be read, so that
  /// the answer reaches the right call.
  public init(_ bytes: [UInt8], limits: JSONLimits = .fromClient) throws(MessageProblem) {
    let text: JSONText
    do { text = try JSONText(validating: bytes, limits: limits) } catch {
      let rpc: RPCError =
        error.isWellFormedButRefused
        ? .invalidRequest(error.description) : .parse(error.description)
      throw MessageProblem(id: nil, error: rpc)
    }
    try self.init(text)
  }

  public init(_ text: JSONText) throws(MessageProblem) {
    guard text.kind == .object else {
      let reason = text.kind == .array ? "batches are not accepted" : "a message is an object"
      throw MessageProblem(id: nil, error: .invalidRequest(reason))
    }
    var envelope = Envelope()
    for member in text.members { envelope.take(member) }
    let id = envelope.id.flatMap(RequestID.init)
    func refuse(_ reason: String) -> MessageProblem {
      MessageProblem(id: id, error: .invalidRequest(reason))
    }
    guard envelope.version?.string == "2.0" else { throw refuse("jsonrpc must be \"2.0\"") }
    if let method = envelope.method {
      guard envelope.result == nil, envelope.error == nil else {
        throw refuse("a request has no result and no error")
      }
      guard let name = method.string else { throw refuse("method must be a string") }
      if let params = envelope.params, params.kind != .object {
        throw MessageProblem(id: id, error: .invalidParams("params must be an object"))
      }
      guard let rawID = envelope.id else {
        self = .notification(method: name, params: envelope.params)
        return
      }
      guard let id else {
        throw MessageProblem(
          id: nil,
          error: .invalidRequest("id must be a string or an integer, not \(rawID.kind.rawValue)"))
      }
      self = .request(id: id, method: name, params: envelope.params)
      return
    }
    switch (envelope.result, envelope.error) {
    case (let result?, nil):
      guard let id else { throw refuse("a response needs the id of its request") }
      self = .result(id: id, result)
    case (nil, let error?):
      guard let error = RPCError(error) else { throw refuse("error must have code and message") }
      self = .failure(id: id, error)
    case (nil, nil): throw refuse("a message needs a method, a result or an error")
    case (_?, _?): throw refuse("a response has either a result or an error")
    }
  }

  private struct Envelope {
    var version: JSONText?
    var id: JSONText?
    var method: JSONText?
    var params: JSONText?
    var result: JSONText?
    var error: JSONText?

    mutating func take(_ member: JSONText.Member) {
      switch member.name {
      case "jsonrpc": version = member.value
      case "id": id = member.value
      case "method": method = member.value
      case "params": params = member.value
      case "result": result = member.value
      case "error": error = member.value
      default: break
      }
    }
  }

  /// The message as one line without its line end.
  public var encoded: [UInt8] {
    var members = [("jsonrpc", JSONText(string: "2.0"))]
    switch self {
    case .request(let id, let method, let params):
      members += [("id", id.text), ("method", JSONText(string: method))]
      if let params { members.append(("params", params)) }
    case .notification(let method, let params):
      members.append(("method", JSONText(string: method)))
      if let params { members.append(("params", params)) }
    case .result(let id, let result):
      members += [("id", id.text), ("result", result)]
    case .failure(let id, let error):
      members += [("id", id?.text ?? .null), ("error", error.text)]
    }
    return Array(JSONText(object: members).withoutLineBreaks.bytes)
  }
}

/// A message that could not be accepted, and the answer it gets.
public struct MessageProblem: Error, Sendable, Hashable {
  public let id: RequestID?
  public let error: RPCError

  public init(id: RequestID?, error: RPCError) {
    self.id = id
    self.error = error
  }
}
