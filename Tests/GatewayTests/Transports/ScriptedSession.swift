import Foundation
import Synchronization
import Wire

@testable import Gateway

/// A session that does what the method says, so that a test can steer it from the client's side:
/// `fast` answers at once, `slow` after `params.ms`, `noisy` with `params.count` progress messages
/// first, `stuck` never, `large` with a result of `params.bytes`.
final class ScriptedSession: ClientSession {
  struct State {
    var running: [RequestID: Task<Void, Never>] = [:]
    var cancelled: Set<RequestID> = []
    var begun: [String] = []
    var listener: AsyncStream<Message>.Continuation?
    var isEnded = false
    var releases = 0
    /// What each message's credential granted.
    var scopes: [Set<String>] = []
    var mostAtOnce = 0
  }

  let id: String
  let identity: String
  let acceptsBatches: Bool
  let state = Mutex(State())

  let version: String

  init(
    id: String = UUID().uuidString, identity: String = "local", acceptsBatches: Bool = false,
    version: String = "2025-11-25"
  ) {
    self.version = version
    self.id = id
    self.acceptsBatches = acceptsBatches
    self.identity = identity
  }

  var unsolicited: AsyncStream<Message> {
    let (stream, continuation) = AsyncStream<Message>.makeStream(
      bufferingPolicy: .bufferingNewest(16))
    state.withLock { $0.listener = continuation }
    return stream
  }

  func announce(_ method: String) {
    _ = state.withLock { $0.listener }?.yield(.notification(method: method, params: nil))
  }

  var begun: [String] { state.withLock { $0.begun } }
  var runningCount: Int { state.withLock { $0.running.count } }
  var cancelledCount: Int { state.withLock { $0.cancelled.count } }
  var mostAtOnce: Int { state.withLock { $0.mostAtOnce } }
  var isEnded: Bool { state.withLock { $0.isEnded } }
  /// How often the servers were to be released.
  var releases: Int { state.withLock { $0.releases } }

  func begin(_ message: Message, scopes: Set<String>) -> Begun {
    state.withLock { $0.scopes.append(scopes) }
    switch message {
    case .notification(let method, let params):
      state.withLock { $0.begun.append(method) }
      if method == "notifications/cancelled", let id = params?["requestId"].flatMap(RequestID.init)
      {
        cancel(id)
      }
      return .nothing
    case .result, .failure:
      state.withLock { $0.begun.append("response") }
      return .nothing
    case .request(let id, let method, let params):
      state.withLock { $0.begun.append(method) }
      return request(id, method, params ?? .emptyObject)
    }
  }

  private func request(_ id: RequestID, _ method: String, _ params: JSONText) -> Begun {
    switch method {
    case "initialize":
      return .answer(
        .result(
          id: id,
          Self.initializeResult.setting("protocolVersion", to: JSONText(string: version))))
    case "ping", "fast": return .answer(.result(id: id, .emptyObject))
    case "tools/list": return .answer(.result(id: id, Self.tools))
    case "tools/call":
      let count = params["arguments"]?["count"]?.int ?? 0
      let token = params["_meta"]?["progressToken"] ?? JSONText(string: "t")
      return work(id) { emit in
        for step in 0..<count {
          await emit(Self.progress(token, step + 1))
        }
        try? await Task.sleep(for: .milliseconds(params["arguments"]?["ms"]?.int ?? 0))
        let text = params["name"]?.string ?? ""
        return Self.toolResult("called \(text)")
      }
    case "slow", "noisy", "large", "stuck":
      return work(id) { emit in
        for step in 0..<(params["count"]?.int ?? 0) {
          if Task.isCancelled { return nil }
          await emit(Self.progress(JSONText(string: "t"), step + 1))
        }
        if method == "stuck" {
          do { try await Task.sleep(for: .seconds(1000)) } catch { return nil }
        }
        do { try await Task.sleep(for: .milliseconds(params["ms"]?.int ?? 0)) } catch { return nil }
        let filling = String(repeating: "x", count: params["bytes"]?.int ?? 0)
        return JSONText(object: [("filling", JSONText(string: filling))])
      }
    default: return .answer(.failure(id: id, .methodNotFound(method)))
    }
  }

  private func work(
    _ id: RequestID, _ body: @escaping @Sendable (@escaping Exchange.Emit) async -> JSONText?
  ) -> Begun {
    .work(
      Exchange { emit in
        let task = Task { () -> JSONText? in await body(emit) }
        self.state.withLock { state in
          state.running[id] = Task { _ = await task.value }
          state.mostAtOnce = max(state.mostAtOnce, state.running.count)
          if state.cancelled.contains(id) { task.cancel() }
        }
        let result = await withTaskCancellationHandler {
          await withTaskGroup(of: JSONText?.self) { group in
            group.addTask { await task.value }
            group.addTask {
              while !Task.isCancelled {
                if self.state.withLock({ $0.cancelled.contains(id) }) {
                  task.cancel()
                  return nil
                }
                try? await Task.sleep(for: .milliseconds(5))
              }
              return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
          }
        } onCancel: {
          task.cancel()
          _ = self.state.withLock { $0.cancelled.insert(id) }
        }
        self.state.withLock { $0.running[id] = nil }
        return result.map { .result(id: id, $0) }
      })
  }

  private func cancel(_ id: RequestID) { _ = state.withLock { $0.cancelled.insert(id) } }

  func release() async { state.withLock { $0.releases += 1 } }

  func end() async {
    let listener = state.withLock { state in
      state.isEnded = true
      state.cancelled.formUnion(state.running.keys)
      return state.listener
    }
    listener?.finish()
  }

  static func progress(_ token: JSONText, _ step: Int) -> Message {
    .notification(
      method: "notifications/progress",
      params: JSONText(object: [("progressToken", token), ("progress", JSONText(step))]))
  }

  static func toolResult(_ text: String) -> JSONText {
    JSONText(object: [
      (
        "content",
        JSONText(array: [
          JSONText(object: [
            ("type", JSONText(string: "text")), ("text", JSONText(string: text)),
          ])
        ])
      )
    ])
  }

  static let initializeResult = literal(
    """
    {"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true}},\
    "serverInfo":{"name":"fake","version":"1"}}
    """)
  static let tools = literal(
    #"{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}"#)

  static func literal(_ text: String) -> JSONText {
    (try? JSONText(validating: text)) ?? .emptyObject
  }
}

/// Opens scripted sessions, up to a number.
final class ScriptedOpener: SessionOpener {
  let sessions = Mutex<[ScriptedSession]>([])
  let ready = Mutex(true)
  let limit: Int

  let version: String

  init(limit: Int = 10_000, version: String = "2025-11-25") {
    self.limit = limit
    self.version = version
  }

  var isReady: Bool { ready.withLock { $0 } }
  var all: [ScriptedSession] { sessions.withLock { $0 } }

  /// The stateless era's requests, served by one session that needs no `initialize`.
  let stateless = ScriptedSession()

  func turnAway(_ request: FlawedRequest, identity: String, scopes: Set<String>) {}

  func begin(_ request: StatelessRequest, identity: String) -> Exchange {
    switch stateless.begin(
      .request(id: request.id, method: request.method, params: request.params))
    {
    case .work(let exchange): exchange
    case .answer(let message): Exchange { _ in message }
    case .nothing: Exchange { _ in nil }
    }
  }

  func open(identity: String) throws(Refusal) -> any ClientSession {
    let session = ScriptedSession(
      identity: identity, acceptsBatches: version == "2025-03-26", version: version)
    let isAdmitted = sessions.withLock { sessions in
      guard sessions.count < limit else { return false }
      sessions.append(session)
      return true
    }
    guard isAdmitted else { throw Refusal(.overLimit, message: "too many sessions") }
    return session
  }
}

/// Polls until `condition` holds; false if it does not within the time.
func eventually(
  within limit: Duration = .seconds(30), _ condition: @Sendable () async -> Bool
) async -> Bool {
  let deadline = ContinuousClock.now + limit
  while ContinuousClock.now < deadline {
    if await condition() { return true }
    try? await Task.sleep(for: .milliseconds(5))
  }
  return await condition()
}
