import Glibc
import Synchronization

/// A client over stdio that sends exactly what a test writes and keeps everything that comes back.
final class RawSession: Sendable {
  struct Refused: Error, CustomStringConvertible {
    let error: JSON
    var description: String { "answered with an error: \(error.text)" }
  }

  private struct Inbox {
    var read = 0
    var messages: [JSON] = []
    var nextID = 1
  }

  let process: ChildProcess
  private let inbox = Mutex(Inbox())

  init(_ process: ChildProcess) { self.process = process }

  static let initializeParameters: JSON = [
    "protocolVersion": "2025-06-18", "capabilities": [:],
    "clientInfo": ["name": "end-to-end", "version": "1"],
  ]

  @discardableResult
  func initialize(_ parameters: JSON = initializeParameters) async throws -> JSON {
    let result = try await request("initialize", parameters)
    try notify("notifications/initialized")
    return result
  }

  func notify(_ method: String, _ parameters: JSON = [:]) throws {
    try send(["jsonrpc": "2.0", "method": .string(method), "params": parameters])
  }

  /// Sends a request and does not wait; the id is to be waited for, or cancelled.
  func post(_ method: String, _ parameters: JSON = [:]) throws -> Int {
    let id = inbox.withLock { inbox in
      defer { inbox.nextID += 1 }
      return inbox.nextID
    }
    try send([
      "jsonrpc": "2.0", "id": .number(Double(id)), "method": .string(method), "params": parameters,
    ])
    return id
  }

  func send(_ message: JSON) throws { try process.write(message.text + "\n") }

  /// The answer to a request, whole.
  func answer(to id: Int, within limit: Duration = .seconds(30)) async throws -> JSON {
    try await message(within: limit, "an answer to request \(id)") {
      $0["id"].int == id && $0["method"].isNull
    }
  }

  func request(
    _ method: String, _ parameters: JSON = [:], within limit: Duration = .seconds(30)
  ) async throws -> JSON {
    let answer = try await answer(to: try post(method, parameters), within: limit)
    guard answer["error"].isNull else { throw Refused(error: answer["error"]) }
    return answer["result"]
  }

  func call(
    _ tool: String, _ arguments: JSON = [:], within limit: Duration = .seconds(30)
  ) async throws -> JSON {
    try await request(
      "tools/call", ["name": .string(tool), "arguments": arguments], within: limit)
  }

  /// All items of a list, over all its pages.
  func list(_ method: String, _ key: String) async throws -> [JSON] {
    var items: [JSON] = []
    var cursor: JSON = .null
    repeat {
      let page = try await request(method, cursor.isNull ? [:] : ["cursor": cursor])
      items += page[key].array
      cursor = page["nextCursor"]
    } while !cursor.isNull
    return items
  }

  func toolNames() async throws -> [String] {
    try await list("tools/list", "tools").compactMap(\.["name"].string).sorted()
  }

  /// Waits until the tools offered are as wished: servers may still be starting.
  func waitForTools(
    within limit: Duration = .seconds(30), _ wish: String, _ isRight: ([String]) -> Bool
  ) async throws -> [String] {
    try await eventually(within: limit, "tools: \(wish); \(process.errors.suffix(2000))") {
      let names = try await toolNames()
      return isRight(names) ? names : nil
    }
  }

  func notification(_ method: String, within limit: Duration = .seconds(20)) async throws -> JSON {
    try await message(within: limit, method) { $0["method"].string == method }
  }

  /// The first message, old or new, that is wanted.
  func message(within limit: Duration, _ what: String, _ isWanted: (JSON) -> Bool) async throws
    -> JSON
  {
    try await eventually(within: limit, "\(what); \(process.errors.suffix(2000))") {
      try received().first(where: isWanted)
    }
  }

  /// Everything received so far, in order.
  func received() throws -> [JSON] {
    try inbox.withLock { inbox in
      let (lines, size) = process.lines(after: inbox.read)
      inbox.read += size
      for line in lines { inbox.messages.append(try JSON.parse(String(line))) }
      return inbox.messages
    }
  }

  /// Ends the session as a client does, by closing the gateway's standard input.
  func end() async throws -> ChildProcess.Exit {
    process.closeInput()
    return try await process.wait()
  }
}

extension RawSession {
  /// Why a call failed, whether the server's tool, the gateway or the protocol said so; nil when it
  /// did not fail.
  func failure(
    of tool: String, _ arguments: JSON = [:], within limit: Duration = .seconds(60)
  ) async throws -> String? {
    do {
      let result = try await call(tool, arguments, within: limit)
      return result["isError"] == true ? result.resultText : nil
    } catch let refused as Refused {
      return refused.error["message"].string ?? refused.error.text
    }
  }
}
