import Testing

@testable import Wire

struct MessageTests {
  private static func read(_ text: String) throws -> Message {
    let message = try Message(Array(text.utf8))
    // Both ways to read a message agree.
    #expect(try Message(JSONText(validating: text)) == message)
    return message
  }

  private static func json(_ text: String) throws -> JSONText { try JSONText(validating: text) }

  @Test func theFourShapesAreTold() throws {
    #expect(
      try Self.read(#"{"jsonrpc":"2.0","id":1,"method":"a/b","params":{"x":[1]}}"#)
        == .request(id: .integer(1), method: "a/b", params: Self.json(#"{"x":[1]}"#)))
    #expect(
      try Self.read(#"{"id":"i","method":"ping","jsonrpc":"2.0"}"#)
        == .request(id: .string("i"), method: "ping", params: nil))
    #expect(
      try Self.read(#"{"jsonrpc":"2.0","method":"n"}"#) == .notification(method: "n", params: nil))
    #expect(
      try Self.read(#"{"jsonrpc":"2.0","id":1,"result":null}"#) == .result(id: .integer(1), .null))
    #expect(
      try Self.read(#"{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"m","data":[1]}}"#)
        == .failure(
          id: nil, RPCError(code: -1, message: "m", data: JSONText(array: [JSONText(1)]))))
    #expect(
      try Self.read(#"{"jsonrpc":"2.0","error":{"code":-1,"message":"m"}}"#)
        == .failure(id: nil, RPCError(code: -1, message: "m")))
  }

  @Test func memberNamesMayBeEscapedAndUnknownOnesAreTolerated() throws {
    #expect(
      try Self.read(#" { "\u006asonrpc" : "2\u002e0" , "\u006dethod" : "\u0061", "x":{"id":1} } "#)
        == .notification(method: "a", params: nil))
    let many = (0..<100).map { #""x\#($0)":0,"# }.joined()
    #expect(
      try Self.read("{\(many)\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"m\"}")
        == .request(id: .integer(7), method: "m", params: nil))
  }

  struct Refused: CustomTestStringConvertible {
    let text: String
    let code: Int
    let id: RequestID?
    let subject: MessageProblem.Subject

    init(
      _ text: String, _ code: RPCError.Code, id: RequestID? = nil, _ subject: MessageProblem.Subject
    ) {
      self.text = text
      self.code = code.rawValue
      self.id = id
      self.subject = subject
    }

    var testDescription: String { String(text.prefix(120)) }
  }

  private static let deep =
    String(repeating: "[", count: 129) + String(repeating: "]", count: 129)

  @Test(arguments: [
    Refused("", .parse, .unknown), Refused("{", .parse, .unknown),
    Refused("junk on stdout", .parse, .unknown),
    Refused(#"{"jsonrpc":"2.0","id":1,"method":"m""#, .parse, .unknown),
    Refused(#"{"jsonrpc":"2.0","id":1,"method":"m"}}"#, .parse, .unknown),
    Refused(#"{"jsonrpc":"2.0","id":1,"method":"m"}{}"#, .parse, .unknown),
    Refused("[]", .invalidRequest, .unknown), Refused("1", .invalidRequest, .unknown),
    Refused(#"[{"jsonrpc":"2.0","method":"m"}]"#, .invalidRequest, .unknown),
    Refused("{}", .invalidRequest, .unknown),
    Refused(#"{"jsonrpc":"2.0"}"#, .invalidRequest, .unknown),
    Refused(#"{"jsonrpc":"2.0","id":1}"#, .invalidRequest, id: .integer(1), .unknown),
    Refused(#"{"id":1,"method":"m"}"#, .invalidRequest, id: .integer(1), .request),
    Refused(#"{"jsonrpc":"1.0","id":1,"method":"m"}"#, .invalidRequest, id: .integer(1), .request),
    Refused(#"{"jsonrpc":2.0,"id":1,"method":"m"}"#, .invalidRequest, id: .integer(1), .request),
    Refused(#"{"jsonrpc":"2.0","id":1,"method":7}"#, .invalidRequest, id: .integer(1), .request),
    Refused(#"{"jsonrpc":"2.0","id":null,"method":"m"}"#, .invalidRequest, .request),
    Refused(#"{"jsonrpc":"2.0","id":1.0,"method":"m"}"#, .invalidRequest, .request),
    Refused(#"{"jsonrpc":"2.0","id":[],"method":"m"}"#, .invalidRequest, .request),
    Refused(#"{"jsonrpc":"2.0","id":true,"method":"m"}"#, .invalidRequest, .request),
    Refused(
      #"{"jsonrpc":"2.0","id":1,"method":"m","params":[]}"#, .invalidParams, id: .integer(1),
      .request),
    Refused(
      #"{"jsonrpc":"2.0","id":1,"method":"m","params":null}"#, .invalidParams, id: .integer(1),
      .request),
    Refused(#"{"jsonrpc":"2.0","method":"m","params":[]}"#, .invalidParams, .notification),
    Refused(
      #"{"jsonrpc":"2.0","id":1,"method":"m","result":1}"#, .invalidRequest, id: .integer(1),
      .request),
    Refused(#"{"jsonrpc":"2.0","result":1}"#, .invalidRequest, .response),
    Refused(#"{"jsonrpc":"2.0","id":null,"result":1}"#, .invalidRequest, .response),
    Refused(#"{"jsonrpc":"2.0","id":1.5,"result":1}"#, .invalidRequest, .response),
    Refused(
      #"{"jsonrpc":"2.0","id":1.5,"error":{"code":1,"message":""}}"#, .invalidRequest, .response),
    Refused(
      #"{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":""}}"#, .invalidRequest,
      id: .integer(1), .response),
    Refused(#"{"jsonrpc":"2.0","id":1,"error":"x"}"#, .invalidRequest, id: .integer(1), .response),
    Refused(
      #"{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":""}}"#, .invalidRequest,
      id: .integer(1), .response),
    Refused(
      #"{"jsonrpc":"2.0","id":1,"error":{"code":1}}"#, .invalidRequest, id: .integer(1), .response),
    // JSON, but refused by our rules: the one id is believed, wherever it stands.
    Refused(
      #"{"jsonrpc":"2.0","id":1,"method":"m","method":"n"}"#, .invalidRequest, id: .integer(1),
      .request),
    Refused(
      #"{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1,"a":2}}"#, .invalidRequest,
      id: .integer(1), .request),
    Refused(#"{"jsonrpc":"2.0","method":"m","id":1e999}"#, .invalidRequest, .request),
    Refused(#"{"id":1,"id":2,"jsonrpc":"2.0","method":"m"}"#, .invalidRequest, .unknown),
    Refused(
      #"{"jsonrpc":"2.0","id":"x","result":{"n":1e999}}"#, .invalidRequest, id: .string("x"),
      .response),
    Refused(
      #"{"jsonrpc":"2.0","id":3,"result":\#(deep)}"#, .invalidRequest, id: .integer(3), .response),
    Refused(
      #"{"result":"\u0000","id":3,"jsonrpc":"2.0"}"#, .invalidRequest, id: .integer(3), .response),
    Refused(
      #"{"method":"m","params":{"a":"\u0000\ud800","n":[1e999,{"b":1,"b":2}]},"id":"x"}"#,
      .invalidRequest, id: .string("x"), .request),
    Refused(
      #"{"method":"m","params":{"a":"\u0000"},"id":1,"id":2}"#, .invalidRequest, .notification),
    Refused(#"{"method":"m","params":{"a":"\u0000"},"id":"\u0000"}"#, .invalidRequest, .request),
    Refused(#"{"method":"m","params":{"a":"\u0000"},"id":3"#, .invalidRequest, .notification),
    Refused(
      #"{"jsonrpc":"2.0","method":"m","params":{"x":"\ud800"}}"#, .invalidRequest, .notification),
  ])
  func whatIsNoMessageIsRefusedWithTheRightCodeAndID(_ refused: Refused) throws {
    let problem = try #require(throws: MessageProblem.self) {
      try Message(Array(refused.text.utf8))
    }
    #expect(problem.error.code == refused.code)
    #expect(problem.id == refused.id)
    #expect(problem.subject == refused.subject)
    switch problem.subject {
    case .request, .unknown: #expect(problem.answer == .failure(id: refused.id, problem.error))
    case .notification, .response: #expect(problem.answer == nil)
    }
  }

  @Test func aMessageOverTheSizeLimitIsInvalidAndNotUnparsable() throws {
    let problem = try #require(throws: MessageProblem.self) {
      try Message(Array("[1,2,3,4]".utf8), limits: JSONLimits(maximumBytes: 4))
    }
    #expect(problem.error.code == RPCError.Code.invalidRequest.rawValue)
  }

  @Test(arguments: [
    #"{"jsonrpc":"2.0","id":9007199254740993,"method":"m","params":{"n":1.50,"s":"\u00e9\/"}}"#,
    #"{"jsonrpc":"2.0","method":"notifications/x"}"#,
    #"{"jsonrpc":"2.0","id":"a","result":{"content":[ ],"n":18446744073709551615}}"#,
    #"{"jsonrpc":"2.0","id":-9223372036854775808,"error":{"code":-32601,"message":"no","data":{}}}"#,
    #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}}"#,
  ])
  func aMessageIsWrittenAsItWasRead(_ text: String) throws {
    #expect(String(decoding: try Self.read(text).encoded, as: UTF8.self) == text)
  }

  @Test func aWrittenMessageIsOneLine() throws {
    let params = try Self.json("{\r\n  \"a\" : \"\\n\",\n  \"b\" : [\n1\r]\n}")
    let line = Message.notification(method: "line\nbreak", params: params).encoded
    #expect(
      String(decoding: line, as: UTF8.self)
        == ##"{"jsonrpc":"2.0","method":"line\nbreak","params":{    "a" : "\n",   "b" : [ 1 ] }}"##)
  }
}
