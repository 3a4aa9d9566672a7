import Synchronization
import Testing
import Wire

@testable import Gateway

@Suite(.timeLimit(.minutes(1)))
struct BatchTests {
  private func ready(_ version: String) async throws -> FakeGateway {
    let gateway = try FakeGateway()
    await gateway.list()
    try await gateway.initialize(version)
    return gateway
  }

  private static func batch(_ text: String) throws -> MessageBatch {
    try MessageBatch(Array(text.utf8))
  }

  @Test(arguments: [
    ("2024-11-05", false), ("2025-03-26", true), ("2025-06-18", false), ("2025-11-25", false),
  ])
  func onlyOneVersionHasBatches(version: String, accepts: Bool) async throws {
    let gateway = try FakeGateway()
    #expect(!gateway.session.acceptsBatches)
    try await gateway.initialize(version)
    #expect(gateway.session.acceptsBatches == accepts)
    await gateway.end()
  }

  @Test func everyElementGoesTheWayOfASingleMessage() async throws {
    let gateway = try await ready("2025-03-26")
    let secret = FakeGateway.secret
    let exchange = BatchExchange(
      try Self.batch(
        #"""
        [{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}},
        {"jsonrpc":"2.0","method":"notifications/whatever"},
        {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"off"}},
        {"jsonrpc":"2.0","id":3,"method":"tools/call",\#
        "params":{"name":"echo","arguments":{"x":"\#(secret)"}}},
        {"jsonrpc":"2.0","id":4,"method":"initialize","params":{"protocolVersion":"2025-03-26"}},
        {"jsonrpc":"2.0","id":5,"method":"ping"}, {"jsonrpc":"2.0","id":1,"method":"tools/list"},
        7, [], {"jsonrpc":"2.0","id":99,"result":1,"error":2}]
        """#), in: gateway.session)
    let responses = await exchange.run { _ in }
    func answers(_ id: RequestID?) -> [Message] {
      responses.filter {
        switch $0 {
        case .result(let given, _): given == id
        case .failure(let given, _): given == id
        default: false
        }
      }
    }
    // One served, and one refused because its id is in flight.
    #expect(answers(.integer(1)).compactMap(\.result).count == 1)
    #expect(answers(.integer(1)).compactMap(\.error?.code) == [-32600])
    #expect(answers(.integer(2)).first?.error?.code == -32602)
    #expect(answers(.integer(3)).first?.result?["isError"]?.bool == true)
    #expect(answers(.integer(4)).first?.error?.code == -32600)
    #expect(answers(.integer(5)).first?.result == .emptyObject)
    #expect(answers(nil).compactMap(\.error?.code) == [-32600, -32600])
    #expect(responses.count == 8)
    let array = try JSONText(validating: MessageBatch.encoded(responses))
    #expect(array.elements.count == 8)
    await gateway.end()
  }

  @Test func aBatchThatAsksNothingGetsNoAnswer() async throws {
    let gateway = try await ready("2025-03-26")
    let batch = try Self.batch(
      #"[{"jsonrpc":"2.0","method":"notifications/x"},{"jsonrpc":"2.0","id":8,"result":{}}]"#)
    #expect(BatchExchange(batch, in: gateway.session).isSilent)
    await gateway.end()
  }

  @Test(arguments: [
    ("[]", -32600), ("[1,]", -32700), ("[", -32700), (#"[{"a":1,"a":2}]"#, -32600),
    ("[" + Array(repeating: "1", count: 101).joined(separator: ",") + "]", -32600),
  ])
  func aBatchThatIsNoneIsRefusedWhole(text: String, code: Int) {
    do throws(MessageProblem) {
      _ = try MessageBatch(Array(text.utf8))
      Issue.record("accepted")
    } catch { #expect(error.error.code == code) }
  }

  @Test(arguments: [(" \n[1]", true), ("{}", false), ("", false), ("1", false)])
  func aBatchIsKnownByItsFirstByte(text: String, isOne: Bool) {
    #expect(MessageBatch.looksLike(Array(text.utf8)) == isOne)
  }
}
