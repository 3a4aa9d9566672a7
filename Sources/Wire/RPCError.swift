/// An error of JSON-RPC as it crosses the wire.
public struct RPCError: Error, Sendable, Hashable {
  public var code: Int
  public var message: String
  public var data: JSONText?

  public init(code: Int, message: String, data: JSONText? = nil) {
    self.code = code
    self.message = message
    self.data = data
  }

  public static func parse(_ message: String) -> RPCError { .init(code: -32700, message: message) }
  public static func invalidRequest(_ message: String) -> RPCError {
    .init(code: -32600, message: message)
  }
  public static func methodNotFound(_ method: String) -> RPCError {
    .init(code: -32601, message: "unknown method: \(method.prefix(200))")
  }
  public static func invalidParams(_ message: String, data: JSONText? = nil) -> RPCError {
    .init(code: -32602, message: message, data: data)
  }
  public static func `internal`(_ message: String) -> RPCError {
    .init(code: -32603, message: message)
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
