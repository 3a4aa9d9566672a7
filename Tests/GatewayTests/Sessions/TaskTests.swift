import Synchronization
import Testing
import Wire

@testable import Gateway

@Suite(.timeLimit(.minutes(1)))
struct TaskTests {
  private static let capabilities = #"{"tools":{},"tasks":{"requests":{"tools":{"call":{}}}}}"#
  private static let call = #"{"name":"echo","task":{"ttl":60000}}"#

  /// A server whose tasks are called `1`, `2` and so on.
  private static func server(_ name: String, result: String = #"{"content":[]}"#) -> FakeServer {
    let server = FakeServer(name, capabilities: capabilities)
    server.on("tools/call") { server, request in
      let task = #"{"taskId":"\#(server.count("tools/call"))","status":"working","ttl":60000}"#
      server.answer(request, #"{"task":\#(task)}"#)
    }
    for method in ["tasks/get", "tasks/cancel"] {
      server.on(method) { server, request in
        let id = request.params["taskId"] ?? .null
        guard id.string?.count == 1 else { return server.fail(request, -32602) }
        server.answer(request, #"{"taskId":\#(id),"status":"working","by":"\#(server.name)"}"#)
      }
    }
    server.on("tasks/result") { server, request in
      let id = request.params["taskId"] ?? .null
      let related = #"{"io.modelcontextprotocol/related-task":{"taskId":\#(id)}}"#
      server.answer(request, result.dropLast() + #","_meta":\#(related)}"#)
    }
    return server
  }

  private func ready(
    _ servers: [PlannedServer] = [.fake(isLongLived: true)], version: String = "2025-11-25",
    result: String = #"{"content":[]}"#
  ) async throws -> (FakeGateway, hello: JSONText?) {
    let gateway = try FakeGateway(servers)
    gateway.fleet.make { name, _ in Self.server(name, result: result) }
    await gateway.list()
    return (gateway, try await gateway.initialize(version)?.result)
  }

  private func begin(_ gateway: FakeGateway) async throws -> String {
    let result = try await gateway.request("tools/call", Self.call).last?.result
    return try #require(result?["task"]?["taskId"]?.string)
  }

  private func about(_ gateway: FakeGateway, _ method: String, _ id: String) async throws
    -> Message?
  {
    try await gateway.request(method, #"{"taskId":"\#(id)"}"#).last
  }

  @Test func aTaskIsKnownToItsSessionByAnIdOfOurs() async throws {
    let (gateway, hello) = try await ready()
    #expect(hello?["capabilities"]?["tasks"]?["requests"]?["tools"]?["call"] == .emptyObject)
    let id = try await begin(gateway)
    #expect(id.count == 32)
    let state = try await about(gateway, "tasks/get", id)?.result
    #expect(state?["taskId"]?.string == id)
    #expect(state?["status"]?.string == "working")
    let result = try await about(gateway, "tasks/result", id)?.result
    #expect(
      result?["_meta"]?["io.modelcontextprotocol/related-task"]?["taskId"]?.string == id)
    #expect(try await about(gateway, "tasks/cancel", id)?.result?["taskId"]?.string == id)
    let server = try #require(gateway.fleet.running.first)
    #expect(server.params("tools/call").first?["task"]?["ttl"]?.int == 60_000)
    #expect(server.params("tasks/get").first?["taskId"]?.string == "1")
    for wrong in ["1", "nonsense", id.uppercased() + "0"] {
      #expect(try await about(gateway, "tasks/get", wrong)?.error?.code == -32602)
    }
    await gateway.end()
  }

  @Test func tasksOfASessionAreListedAndThoseOfOthersAreNot() async throws {
    let (gateway, _) = try await ready()
    let ids = [try await begin(gateway), try await begin(gateway)]
    let listed = try await gateway.request("tasks/list").last?.result?["tasks"]?.elements
    #expect(listed?.compactMap { $0["taskId"]?.string } == ids.sorted())
    let other = try gateway.core.open(identity: "local")
    func ask(_ line: String) async throws -> Message? {
      switch other.begin(try Message(Array(line.utf8))) {
      case .work(let exchange): await exchange.run { _ in }
      case .answer(let answer): answer
      case .nothing: nil
      }
    }
    _ = try await ask(
      #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}"#)
    let none = try await ask(#"{"jsonrpc":"2.0","id":1,"method":"tasks/list"}"#)
    #expect(none?.result?["tasks"] == .emptyArray)
    let stolen = try await ask(
      #"{"jsonrpc":"2.0","id":2,"method":"tasks/result","params":{"taskId":"\#(ids[0])"}}"#)
    #expect(stolen?.error?.code == -32602)
    await other.end()
    await gateway.end()
  }

  @Test func theResultOfATaskIsJudgedLikeThatOfACall() async throws {
    let secret = FakeGateway.secret
    let (gateway, _) = try await ready(
      result: #"{"content":[{"type":"text","text":"\#(secret)"}]}"#)
    let result = try await about(gateway, "tasks/result", try await begin(gateway))?.result
    #expect(result?["isError"]?.bool == true)
    #expect(result?.description.contains(secret) == false)
    #expect(result?["_meta"]?["mcp-gateway/refusal"]?["code"]?.string == "secret_found")
    await gateway.end()
  }

  @Test func theStatusOfATaskReachesItsClient() async throws {
    let (gateway, _) = try await ready()
    let id = try await begin(gateway)
    let server = try #require(gateway.fleet.running.first)
    let stream = gateway.session.unsolicited
    for own in ["2", "1"] {
      server.notify(
        "notifications/tasks/status", #"{"taskId":"\#(own)","status":"completed"}"#)
    }
    var heard: [String] = []
    for await message in stream {
      guard case .notification("notifications/tasks/status", let params?) = message else {
        continue
      }
      heard.append(params.description)
      break
    }
    #expect(heard == [#"{"taskId":"\#(id)","status":"completed"}"#])
    await gateway.end()
  }

  @Test func aTaskEndsWithItsServer() async throws {
    let (gateway, _) = try await ready()
    let id = try await begin(gateway)
    gateway.fleet.running.first?.crash()
    #expect(await eventually { gateway.fleet.running.isEmpty })
    #expect(try await about(gateway, "tasks/get", id)?.error?.code == -32602)
    await gateway.end()
  }

  @Test func aServerThatLivesForACallHasNoTasks() async throws {
    let (gateway, hello) = try await ready([.fake()])
    #expect(hello?["capabilities"]?["tasks"] == nil)
    let error = try await gateway.request("tools/call", Self.call).last?.error
    #expect(error?.code == -32601)
    #expect(error?.message.contains("without task") == true)
    await gateway.end()
  }

  @Test func aServerWithoutTasksIgnoresTheWish() async throws {
    let gateway = try FakeGateway([.fake(isLongLived: true)])
    await gateway.list()
    let hello = try await gateway.initialize()
    #expect(hello?.result?["capabilities"]?["tasks"] == nil)
    #expect(try await gateway.request("tools/call", Self.call).last?.result?["content"] != nil)
    await gateway.end()
  }

  @Test func anOlderClientHasNoTasks() async throws {
    let (gateway, hello) = try await ready(version: "2025-06-18")
    #expect(hello?["capabilities"]?["tasks"] == nil)
    await gateway.end()
  }

  @Test func onlySoManyTasksAreKeptAndNoneForEver() {
    var tasks = SessionTasks()
    let now = ContinuousClock.now
    for number in 0..<SessionTasks.most {
      let isRoom = tasks.hasRoom(now: now)
      #expect(isRoom)
      _ = tasks.add("\(number)", .seconds(1), of: "t", "s", now: now)
    }
    var isRoom = tasks.hasRoom(now: now)
    #expect(!isRoom)
    isRoom = tasks.hasRoom(now: now + .seconds(2))
    #expect(isRoom)
    #expect(tasks.all.isEmpty)
    let id = tasks.add("x", nil, of: "t", "s", now: now)
    #expect(tasks.id(of: "x", "s") == id)
    #expect(tasks.id(of: "x", "other") == nil)
    isRoom = tasks.hasRoom(now: now + SessionTasks.longest)
    #expect(isRoom && tasks.find(id) == nil)
  }

  @Test func whatIsRelatedToAnUnknownTaskSaysNothingOfIt() throws {
    let params = try JSONText(
      validating:
        #"{"taskId":"7","_meta":{"io.modelcontextprotocol/related-task":{"taskId":"7"},"x":1}}"#)
    #expect(TaskWords.renamed(params) { _ in nil }.description == #"{"_meta":{"x":1}}"#)
    #expect(
      TaskWords.renamed(params) { "our-" + $0 }.description
        == params.description.replacing(#""7""#, with: #""our-7""#))
  }
}
