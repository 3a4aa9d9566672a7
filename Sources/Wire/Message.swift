/// One JSON-RPC 2.0 message as MCP uses it: no batches, `params` an object or absent.
public enum Message: Sendable, Hashable {
  case request(id: RequestID, method: String, params: JSONText?)
  case notification(method: String, params: JSONText?)
  case result(id: RequestID, JSONText)
  /// The id is null where a peer answers something it could not read.
  case failure(id: RequestID?, RPCError)
}

extension Message {
  /// Reads one message in one pass. The error carries the id of the request where it could be read,
  /// so that the answer reaches the right call.
  public init(_ bytes: [UInt8], limits: JSONLimits = .fromClient) throws(MessageProblem) {
    var outline = JSONOutline()
    let range: Range<Int>
    do { range = try JSONScanner.scan(bytes, limits: limits, outline: &outline) } catch {
      let outline = JSONScanner.outline(ofRefused: bytes, error, limits: limits, outline)
      throw MessageProblem(error, Envelope(bytes, outline))
    }
    let text = JSONText(trusted: bytes, range)
    try self.init(
      text, outline.isCut || text.kind != .object ? Envelope(text) : Envelope(bytes, outline))
  }

  public init(_ text: JSONText) throws(MessageProblem) { try self.init(text, Envelope(text)) }

  private init(_ text: JSONText, _ envelope: Envelope) throws(MessageProblem) {
    guard text.kind == .object else {
      let reason = text.kind == .array ? "batches are not accepted" : "a message is an object"
      throw MessageProblem(id: nil, error: .invalidRequest(reason))
    }
    guard envelope.version?.string == "2.0" else {
      throw envelope.invalid("jsonrpc must be \"2.0\"")
    }
    if let method = envelope.method {
      try self.init(method: method, envelope)
    } else {
      try self.init(response: envelope)
    }
  }

  private init(method: JSONText, _ envelope: Envelope) throws(MessageProblem) {
    guard envelope.result == nil, envelope.error == nil else {
      throw envelope.invalid("a request has no result and no error")
    }
    guard let name = method.string else { throw envelope.invalid("method must be a string") }
    let id = try envelope.id.map { rawID throws(MessageProblem) in
      guard let id = RequestID(rawID) else { throw envelope.invalidID(rawID) }
      return id
    }
    if let params = envelope.params, params.kind != .object {
      throw envelope.problem(.invalidParams("params must be an object"))
    }
    if let id {
      self = .request(id: id, method: name, params: envelope.params)
    } else {
      self = .notification(method: name, params: envelope.params)
    }
  }

  private init(response envelope: Envelope) throws(MessageProblem) {
    switch (envelope.result, envelope.error) {
    case (let result?, nil):
      guard let rawID = envelope.id else {
        throw envelope.invalid("a response needs the id of its request")
      }
      guard let id = RequestID(rawID) else { throw envelope.invalidID(rawID) }
      self = .result(id: id, result)
    case (nil, let rawError?):
      guard let error = RPCError(rawError) else {
        throw envelope.invalid("error must have an integer code and a string message")
      }
      let id = envelope.id.flatMap(RequestID.init)
      if let rawID = envelope.id, id == nil, !rawID.isNull { throw envelope.invalidID(rawID) }
      self = .failure(id: id, error)
    case (nil, nil): throw envelope.invalid("a message needs a method, a result or an error")
    case (_?, _?): throw envelope.invalid("a response has either a result or an error")
    }
  }
}

extension Envelope {
  fileprivate func problem(_ error: RPCError) -> MessageProblem {
    MessageProblem(id: id.flatMap(RequestID.init), error: error, subject: subject)
  }

  fileprivate func invalid(_ reason: String) -> MessageProblem {
    problem(.invalidRequest(reason))
  }

  fileprivate func invalidID(_ id: JSONText) -> MessageProblem {
    let found = id.kind == .number ? "this number" : id.kind.rawValue
    return invalid("id must be a string or an integer of 64 bits, not \(found)")
  }
}

extension MessageProblem {
  /// A text that the scanner refused. Only if it is in the grammar so far is its id believed.
  fileprivate init(_ problem: JSONProblem, _ envelope: Envelope) {
    if problem.isWellFormedButRefused {
      // An id that would itself be refused is not repeated.
      var envelope = envelope
      envelope.id = envelope.id.flatMap { try? JSONText(validating: Array($0.bytes)) }
      self = envelope.problem(.invalidRequest(problem.description))
      isAboutValue = problem.isAboutValue
    } else {
      self.init(id: nil, error: .parse(problem.description))
    }
  }
}

extension Message {
  /// The message as one line without its line end.
  public var encoded: [UInt8] {
    let value = lastValue
    var line: [UInt8] = []
    line.reserveCapacity(128 + (method?.utf8.count ?? 0) + (value?.count ?? 0))
    appendLead(to: &line)
    value?.appendOnOneLine(to: &line)
    line.append(UInt8(ascii: "}"))
    return line
  }

  /// The same line in three parts that follow each other, for whoever can send them without putting
  /// them together: a result of megabytes is not copied.
  public var encodedParts: (lead: [UInt8], value: ArraySlice<UInt8>, tail: UInt8) {
    var lead: [UInt8] = []
    lead.reserveCapacity(128 + (method?.utf8.count ?? 0))
    appendLead(to: &lead)
    return (lead, lastValue?.withoutLineBreaks.bytes ?? [], UInt8(ascii: "}"))
  }

  private var method: String? {
    switch self {
    case .request(_, let method, _), .notification(let method, _): method
    case .result, .failure: nil
    }
  }

  /// The value of the last member: the one that may be large.
  private var lastValue: JSONText? {
    switch self {
    case .request(_, _, let params), .notification(_, let params): params
    case .result(_, let result): result
    case .failure(_, let error): error.text
    }
  }

  /// What stands before ``lastValue``.
  private func appendLead(to line: inout [UInt8]) {
    line += #"{"jsonrpc":"2.0""#.utf8
    switch self {
    case .request(let id, _, _), .result(let id, _): Self.append(id: id.text, to: &line)
    case .failure(let id, _): Self.append(id: id?.text ?? .null, to: &line)
    case .notification: break
    }
    switch self {
    case .request(_, let method, let params), .notification(let method, let params):
      line += #","method":"#.utf8
      JSONEscape.quote(method, into: &line)
      if params != nil { line += #","params":"#.utf8 }
    case .result: line += #","result":"#.utf8
    case .failure: line += #","error":"#.utf8
    }
  }

  private static func append(id: JSONText, to line: inout [UInt8]) {
    line += #","id":"#.utf8
    line += id.bytes
  }
}
