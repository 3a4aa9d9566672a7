/// An error of JSON-RPC as it crosses the wire.
public struct RPCError: Error, Sendable, Hashable {
  /// The codes of the specifications that the gateway itself sends; documented in docs/errors.md.
  public enum Code: Int, Sendable, Hashable, CaseIterable {
    case parse = -32700
    case invalidRequest = -32600
    case methodNotFound = -32601
    case invalidParams = -32602
    case `internal` = -32603
    /// MCP up to 2025-11-25.
    case resourceNotFound = -32002
    /// MCP 2026-07-28: a header is missing or says something else than the body.
    case headerMismatch = -32020
    /// MCP 2026-07-28.
    case missingClientCapability = -32021
    /// MCP 2026-07-28.
    case unsupportedVersion = -32022
  }

  public var code: Int
  public var message: String
  public var data: JSONText?

  public init(code: Int, message: String, data: JSONText? = nil) {
    self.code = code
    self.message = message
    self.data = data
  }

  public init(_ code: Code, _ message: String, data: JSONText? = nil) {
    self.init(code: code.rawValue, message: message, data: data)
  }

  public static func parse(_ message: String) -> RPCError { .init(.parse, message) }
  public static func invalidRequest(_ message: String) -> RPCError {
    .init(.invalidRequest, message)
  }
  public static func methodNotFound(_ method: String) -> RPCError {
    .init(.methodNotFound, "unknown method: \(PrintableText(method))")
  }
  public static func invalidParams(_ message: String, data: JSONText? = nil) -> RPCError {
    .init(.invalidParams, message, data: data)
  }
  public static func `internal`(_ message: String) -> RPCError { .init(.internal, message) }
  public static func resourceNotFound(_ uri: String) -> RPCError {
    .init(
      .resourceNotFound, "unknown resource: \(PrintableText(uri))",
      data: JSONText(object: [("uri", JSONText(string: uri))]))
  }

  public static func headerMismatch(_ message: String) -> RPCError {
    .init(.headerMismatch, message)
  }
  /// - Parameter required: an object shaped like the client's capabilities.
  public static func missingClientCapability(_ required: JSONText) -> RPCError {
    let names = required.members.map { PrintableText($0.name).description }
    return .init(
      .missingClientCapability,
      "the request needs a client capability that it does not declare: "
        + names.joined(separator: ", "),
      data: JSONText(object: [("requiredCapabilities", required)]))
  }
  public static func unsupportedVersion(_ requested: String) -> RPCError {
    let supported = ProtocolRevision.all.map { JSONText(string: $0.text) }
    return .init(
      .unsupportedVersion, "unsupported protocol version: \(PrintableText(requested, limit: 80))",
      data: JSONText(object: [
        ("supported", JSONText(array: supported)), ("requested", JSONText(string: requested)),
      ]))
  }

  /// The `error` member of a response.
  public var text: JSONText {
    var members = [("code", JSONText(code)), ("message", JSONText(string: message))]
    if let data { members.append(("data", data)) }
    return JSONText(object: members)
  }

  /// Nil unless `text` is an error object: integer code, string message.
  public init?(_ text: JSONText) {
    guard let code = text["code"]?.int, let message = text["message"]?.string else { return nil }
    self.init(code: code, message: message, data: text["data"])
  }
}
