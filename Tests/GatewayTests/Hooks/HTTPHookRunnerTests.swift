import Foundation
import Interceptors
import NIOPosix
import NIOSSL
import Synchronization
import Testing
import Wire

@testable import Gateway

/// A hook that is a service, and everything that can be wrong with one.
@Suite(.timeLimit(.minutes(2))) struct HTTPHookRunnerTests {
  private static let message = JSONText(object: [("method", JSONText(string: "tools/call"))])

  private static func runner(
    _ url: String, _ options: HTTPHookOptions = HTTPHookOptions()
  ) throws -> HTTPHookRunner {
    var hook = Hook(name: "h", spec: HookSpec(.before, .http, url), timeout: .seconds(5))
    hook.http = options
    return try HTTPHookRunner(hook, on: MultiThreadedEventLoopGroup.singleton)
  }

  private static func ask(
    _ runner: HTTPHookRunner, within limit: Duration = .seconds(20), largest: Int = 1 << 20
  ) async throws(HookFailure) -> String {
    let bytes = try await runner.run(
      HookRequest(
        message: message, callID: "c", deadline: .now + limit, largestOutput: largest))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Asks a service that does what `script` says, once.
  private static func ask(
    _ script: @escaping ScriptedServer.Script, within limit: Duration = .seconds(20),
    largest: Int = 1 << 20
  ) async throws -> String {
    let server = try await ScriptedServer(script)
    defer { server.stop() }
    let runner = try runner("http://127.0.0.1:\(server.port)/judge?x=1")
    let result: Result<String, HookFailure>
    do { result = .success(try await ask(runner, within: limit, largest: largest)) } catch {
      result = .failure(error)
    }
    await runner.close()
    return try result.get()
  }

  private static func failure(
    _ script: @escaping ScriptedServer.Script, within limit: Duration = .seconds(20),
    largest: Int = 1 << 20
  ) async -> HookFailure? {
    do {
      _ = try await ask(script, within: limit, largest: largest)
      return nil
    } catch { return error as? HookFailure }
  }

  // MARK: What goes well

  @Test func theMessageIsPostedAndTheAnswerComesBack() async throws {
    let server = try await ScriptedServer { request, peer in
      try await peer.answer("200 OK", [], #"{"decision":"allow"}"#)
    }
    defer { server.stop() }
    let runner = try Self.runner("http://127.0.0.1:\(server.port)/judge?x=1")
    #expect(try await Self.ask(runner) == #"{"decision":"allow"}"#)
    await runner.close()
    let request = try #require(server.requests.first)
    #expect(request.method == "POST")
    #expect(request.target == "/judge?x=1")
    #expect(request.headers["content-type"] == "application/json")
    #expect(request.headers["host"] == "127.0.0.1:\(server.port)")
    #expect(request.body == Self.message.description)
    #expect(request.headers["x-mcp-gateway-signature"] == nil)
  }

  @Test(arguments: [
    ("200 OK", "application/json; charset=utf-8", "{}"), ("200 OK", "APPLICATION/JSON", "{}"),
    ("201 Created", "application/problem+json", "{}"), ("200 OK", nil, "{}"),
    ("200 OK", "text/html", ""), ("200 OK", nil, ""),
  ])
  func everySuccessInJSONCounts(status: String, type: String?, body: String) async throws {
    let answer = try await Self.ask { _, peer in
      try await peer.answer(status, type: type, body)
    }
    #expect(answer == body)
  }

  @Test func noContentIsNoAnswer() async throws {
    let answer = try await Self.ask { _, peer in
      try await peer.write("HTTP/1.1 204 No Content\r\n\r\n")
    }
    #expect(answer.isEmpty)
  }

  @Test func connectionsAreKeptForTheNextCall() async throws {
    let connections = Mutex(Set<ObjectIdentifier>())
    let server = try await ScriptedServer { _, peer in
      connections.withLock { _ = $0.insert(ObjectIdentifier(peer.channel)) }
      try await peer.answer("200 OK", [], "{}")
    }
    defer { server.stop() }
    let runner = try Self.runner("http://127.0.0.1:\(server.port)/")
    for _ in 0..<20 { _ = try await Self.ask(runner) }
    await runner.close()
    #expect(connections.withLock { $0.count } == 1)
    #expect(server.requests.count == 20)
  }

  @Test(arguments: ["unix://SOCKET", "unix:SOCKET", "http+unix://ENCODED/judge"])
  func aServiceMayListenOnAUnixSocket(form: String) async throws {
    let path = NSTemporaryDirectory() + "Hook-\(UInt32.random(in: 0 ... .max)).sock"
    let server = try await ScriptedServer(socket: path) { request, peer in
      try await peer.answer("200 OK", [], "\"\(request.target)\"")
    }
    defer { server.stop() }
    let encoded = path.replacingOccurrences(of: "/", with: "%2F")
    let url = form.replacingOccurrences(of: "SOCKET", with: path)
      .replacingOccurrences(of: "ENCODED", with: encoded)
    let runner = try Self.runner(url)
    #expect(try await Self.ask(runner) == (form.hasPrefix("http") ? "\"/judge\"" : "\"/\""))
    await runner.close()
    #expect(server.requests.first?.headers["host"] == "localhost")
  }

  @Test func requestsAreSignedWithTheirTime() async throws {
    let server = try await ScriptedServer { _, peer in try await peer.answer("200 OK", [], "{}") }
    defer { server.stop() }
    var options = HTTPHookOptions()
    options.signingKey = Secret("0123456789abcdef")
    options.headers = [.init(name: "Authorization", value: Secret("Bearer abc"))]
    let runner = try Self.runner("http://127.0.0.1:\(server.port)/", options)
    let before = time(nil)
    _ = try await Self.ask(runner)
    await runner.close()
    let request = try #require(server.requests.first)
    #expect(request.headers["authorization"] == "Bearer abc")
    let header = try #require(request.headers["x-mcp-gateway-signature"])
    let seconds = try #require(header.split(separator: ",").first.flatMap { Int($0.dropFirst(2)) })
    #expect((before...time(nil)).contains(seconds))
    let signature = RequestSignature(Secret("0123456789abcdef"))
    #expect(header == signature.value(for: Self.message.bytes, at: seconds))
  }

  /// Compared with `openssl dgst -sha256 -hmac`.
  @Test func signaturesAreThoseOfOtherPrograms() throws {
    let body = try JSONText(validating: #"{"a":1}"#)
    let signature = RequestSignature(Secret("0123456789abcdef"))
    #expect(
      signature.value(for: body.bytes, at: 1_700_000_000)
        == "t=1700000000,v1=9eb18f493f8ec135d9eb2dad817c369bb4e9cbfa818657897a7437c1cd8c3a23")
  }

  // MARK: What goes wrong

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let kind: HookFailure.Kind
    let script: ScriptedServer.Script

    init(_ name: String, _ kind: HookFailure.Kind, _ script: @escaping ScriptedServer.Script) {
      (testDescription, self.kind, self.script) = (name, kind, script)
    }
  }

  private static func hang() async throws { try await Task.sleep(for: .seconds(600)) }

  static let rows = [
    Row("status 500", .httpStatus) { _, peer in try await peer.answer("500 Oops", [], "{}") },
    Row("status 403 without a body", .httpStatus) { _, peer in try await peer.answer("403 No") },
    Row("status 404", .httpStatus) { _, peer in try await peer.answer("404 Not Found") },
    Row("a redirect", .httpStatus) { _, peer in
      try await peer.answer("302 Found", ["Location: /elsewhere"])
    },
    Row("a permanent redirect of the method", .httpStatus) { _, peer in
      try await peer.answer("308 Permanent Redirect", ["Location: http://127.0.0.1:1/"])
    },
    Row("not modified", .httpStatus) { _, peer in
      try await peer.write("HTTP/1.1 304 Not Modified\r\n\r\n")
    },
    Row("slow headers", .timeout) { _, _ in try await hang() },
    Row("headers that never end", .timeout) { _, peer in
      try await peer.write("HTTP/1.1 200 OK\r\n")
      for number in 0..<1_000 {
        try await peer.write("X-\(number): y\r\n")
        try await Task.sleep(for: .milliseconds(50))
      }
    },
    Row("a slow body", .timeout) { _, peer in
      try await peer.write(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{")
      try await hang()
    },
    Row("a body that never ends", .timeout) { _, peer in
      try await peer.write(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
      while true {
        try await peer.chunk(" ")
        try await Task.sleep(for: .milliseconds(20))
      }
    },
    Row("a huge body", .outputTooLarge) { _, peer in
      try await peer.write(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
      let chunk = String(repeating: " ", count: 64 << 10)
      while true { try await peer.chunk(chunk) }
    },
    Row("a page instead of an answer", .contentType) { _, peer in
      try await peer.answer(type: "text/html", "<p>Log in</p>")
    },
    Row("JSON that is called text", .contentType) { _, peer in
      try await peer.answer(type: "text/plain", "{}")
    },
    Row("two content types", .contentType) { _, peer in
      try await peer.answer("200 OK", ["Content-Type: text/html"], "{}")
    },
    Row("the end of the connection instead of an answer", .connection) { _, peer in peer.cut() },
    Row("half a body", .connection) { _, peer in
      try await peer.write(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{")
      peer.cut()
    },
    Row("half a chunk", .connection) { _, peer in
      try await peer.write(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"
      )
      peer.cut()
    },
    Row("another protocol", .connection) { _, peer in try await peer.write("SSH-2.0-x\r\n") },
    Row("two lengths", .connection) { _, peer in
      try await peer.write(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}")
    },
    Row("a header without an end", .connection) { _, peer in
      try await peer.write("HTTP/1.1 200 OK\r\nX: ")
      let piece = String(repeating: "x", count: 32 << 10)
      while true { try await peer.write(piece) }
    },
  ]

  @Test(arguments: rows)
  func everyFlawIsAFailureWithinTheTimeLimit(row: Row) async throws {
    let start = ContinuousClock.now
    let failure = await Self.failure(row.script, within: .seconds(1), largest: 256 << 10)
    #expect(failure?.kind == row.kind, "\(failure?.reason ?? "") \(failure?.detail ?? "")")
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  @Test func aServiceThatIsNotThereIsAFailure() async throws {
    let server = try await ScriptedServer { _, _ in }
    let port = server.port
    server.stop()
    let runner = try Self.runner("http://127.0.0.1:\(port)/")
    let failure = await #expect(throws: HookFailure.self) { try await Self.ask(runner) }
    #expect(failure?.kind == .connection)
    await runner.close()
    let missing = try Self.runner("unix:///no/such/socket")
    let other = await #expect(throws: HookFailure.self) { try await Self.ask(missing) }
    #expect(other?.kind == .connection)
    await missing.close()
  }

  /// Whoever answers on the way cannot judge in the hook's place.
  @Test(arguments: [
    (trusted: true, tls: true, kind: HookFailure.Kind.tls, what: "another name"),
    (trusted: false, tls: true, kind: .tls, what: "an unknown issuer"),
    (trusted: true, tls: false, kind: .timeout, what: "a peer that waits for plain HTTP"),
  ])
  func whoCannotProveHisNameIsNotAsked(
    trusted: Bool, tls: Bool, kind: HookFailure.Kind, what: String
  ) async throws {
    let certificate = try NIOSSLCertificate(bytes: Array(pinnedCertificate.utf8), format: .pem)
    let key = try NIOSSLPrivateKey(bytes: Array(pinnedKey.utf8), format: .pem)
    let context = try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: [.certificate(certificate)], privateKey: .privateKey(key)))
    let server = try await ScriptedServer(tls: tls ? context : nil) { _, peer in
      try await peer.answer("200 OK", [], "{}")
    }
    defer { server.stop() }
    var options = HTTPHookOptions()
    if trusted { options.trustedCertificates = Array(pinnedCertificate.utf8) }
    let runner = try Self.runner("https://localhost:\(server.port)/", options)
    let failure = await #expect(throws: HookFailure.self) {
      try await Self.ask(runner, within: .seconds(3))
    }
    #expect(failure?.kind == kind, "\(failure?.detail ?? "")")
    #expect(server.requests.isEmpty)
    await runner.close()
  }

  @Test func aCancelledCallWithdrawsItsRequest() async throws {
    let server = try await ScriptedServer { _, _ in try await Self.hang() }
    defer { server.stop() }
    let runner = try Self.runner("http://127.0.0.1:\(server.port)/")
    let start = ContinuousClock.now
    let asking = Task { try await Self.ask(runner) }
    while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    asking.cancel()
    let failure = await #expect(throws: HookFailure.self) { try await asking.value }
    #expect(failure?.kind == .cancelled)
    #expect(ContinuousClock.now - start < .seconds(10))
    await runner.close()
  }

  /// A hook that hangs costs the calls that it judges, and no more memory than that.
  @Test func tooManyCallsAtOnceAreRefused() async throws {
    let server = try await ScriptedServer { _, _ in try await Self.hang() }
    defer { server.stop() }
    let runner = try Self.runner("http://127.0.0.1:\(server.port)/")
    let kinds = await withTaskGroup(of: HookFailure.Kind?.self) { group in
      for _ in 0..<300 {
        group.addTask {
          do throws(HookFailure) { _ = try await Self.ask(runner, within: .seconds(3)) } catch {
            return error.kind
          }
          return nil
        }
      }
      return await group.reduce(into: [HookFailure.Kind?: Int]()) { $0[$1, default: 0] += 1 }
    }
    #expect(kinds == [.timeout: 256, .busy: 44])
    await runner.close()
  }

  @Test(arguments: [
    "ftp://h/", "http://", "http://u:p@h/", "http://h:99999/", "unix://relative", "unix:",
    "unix:///",
    "http+unix://%2/x", "http+unix:///x", "http://h/a b",
  ])
  func aURLThatLeadsNowhereIsAProblemAtTheStart(url: String) {
    let problem = #expect(throws: Problem.self) { try Self.runner(url) }
    #expect(problem?.message.contains("u:p") == false)
  }

  @Test func certificatesThatAreNoneAreAProblemAtTheStart() {
    var options = HTTPHookOptions()
    options.trustedCertificates = Array("no PEM".utf8)
    #expect(throws: Problem.self) { try Self.runner("https://h/", options) }
  }
}
