import Testing
import Wire

@testable import Gateway

@Suite(.timeLimit(.minutes(1)))
struct NoticeTests {
  private static func progress(_ value: String) throws -> JSONText {
    try JSONText(validating: #"{"progressToken":1,"progress":\#(value),"message":"m"}"#)
  }

  @Test func progressOnlyIncreases() throws {
    var course = ProgressCourse()
    let now = ContinuousClock.now
    let passed = try ["0.5", "0.5", "0.4", "1", #""2""#, "2e0", "-1"].filter {
      course.take(try Self.progress($0), now: now) != nil
    }
    #expect(passed == ["0.5", "1", "2e0"])
  }

  @Test func theNewestStandsForProgressThatComesTooFast() throws {
    var course = ProgressCourse()
    let now = ContinuousClock.now
    let passed = try (1...80).count { course.take(try Self.progress("\($0)"), now: now) != nil }
    #expect(passed == 50)
    #expect(course.takeWaiting()?["progress"]?.int == 80)
    #expect(course.takeWaiting() == nil)
    #expect(course.take(try Self.progress("81"), now: now + .milliseconds(30)) != nil)
    #expect(course.take(try Self.progress("82"), now: now + .milliseconds(31)) == nil)
  }

  @Test func aFloodEndsWithTheLastProgressBeforeTheAnswer() async throws {
    let gateway = try FakeGateway()
    await gateway.list()
    try await gateway.initialize()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { server, request in
        for number in 1...200 {
          server.notify(
            "notifications/progress",
            #"{"progressToken":\#(request.id.text),"progress":\#(number)}"#)
          server.notify("notifications/message", #"{"level":"info","data":\#(number)}"#)
        }
        server.answer(request, "{}")
        server.notify(
          "notifications/progress", #"{"progressToken":\#(request.id.text),"progress":999}"#)
      }
      return server
    }
    let messages = try await gateway.request(
      "tools/call", #"{"name":"echo","_meta":{"progressToken":"t"}}"#)
    let values = messages.compactMap { message -> Int? in
      guard case .notification("notifications/progress", let params?) = message else { return nil }
      #expect(params["progressToken"]?.string == "t")
      return params["progress"]?.int
    }
    #expect((51...120).contains(values.count))
    #expect(values == values.sorted())
    #expect(values.last == 200)
    #expect(messages.last?.result != nil)
    #expect(
      (50...120).contains(messages.count { $0.isNotification("notifications/message") }))
    #expect(gateway.lines.all.contains { $0.contains("came too fast") })
    await gateway.end()
  }

  @Test(arguments: [false, true])
  func aServerIsToldHowMuchItsClientWantsToHear(isLongLived: Bool) async throws {
    let gateway = try FakeGateway([.fake(isLongLived: isLongLived)])
    gateway.fleet.make { name, _ in
      let server = FakeServer(name, capabilities: #"{"tools":{},"logging":{}}"#)
      server.on("logging/setLevel") { $0.answer($1, "{}") }
      return server
    }
    await gateway.list()
    try await gateway.initialize()
    let call = #"{"name":"echo"}"#
    _ = try await gateway.request("tools/call", call)
    #expect(gateway.fleet.started.last?.count("logging/setLevel") == 0)
    _ = try await gateway.request("logging/setLevel", #"{"level":"error"}"#)
    // A running instance is told at once, one of a single call before its call.
    #expect(gateway.fleet.started.last?.count("logging/setLevel") == (isLongLived ? 1 : 0))
    _ = try await gateway.request("tools/call", call)
    _ = try await gateway.request("tools/call", call)
    let server = try #require(gateway.fleet.started.last)
    #expect(server.params("logging/setLevel").map { $0["level"]?.string } == ["error"])
    await gateway.end()
  }

  @Test(arguments: [(true, 1), (false, 0)])
  func runningServersHearThatRootsChanged(declares: Bool, count: Int) async throws {
    let gateway = try FakeGateway([.fake(isLongLived: true)])
    await gateway.list()
    _ = try await gateway.send(
      #"""
      {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",\#
      "capabilities":{"roots":{"listChanged":\#(declares)}}}}
      """#)
    _ = try await gateway.request("tools/call", #"{"name":"echo"}"#)
    _ = try await gateway.send(
      #"{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}"#)
    let server = try #require(gateway.fleet.running.first)
    if declares {
      #expect(await eventually { server.count("notifications/roots/list_changed") == 1 })
    } else {
      _ = try await gateway.request("tools/call", #"{"name":"echo"}"#)
    }
    #expect(server.count("notifications/roots/list_changed") == count)
    await gateway.end()
  }
}
