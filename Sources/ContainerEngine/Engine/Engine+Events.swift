import Wire

/// Something that happened at the engine.
public struct EngineEvent: Sendable, Hashable {
  /// `container`, `image`, `network`, …
  public let type: String
  /// `start`, `die`, `oom`, `destroy`, …
  public let action: String
  /// The id of what it happened to.
  public let actor: String
  /// The actor's labels and more: `name`, `exitCode`.
  public let attributes: [String: String]
  /// Nanoseconds since 1970.
  public let time: Int

  init?(_ json: JSONText) {
    guard let type = json["Type"]?.string, let action = json["Action"]?.string else { return nil }
    self.type = type
    self.action = action
    actor = json["Actor"]?["ID"]?.string ?? ""
    attributes = json["Actor"]?["Attributes"]?.stringMembers ?? [:]
    time = json["timeNano"]?.int ?? 0
  }
}

/// An element of ``Engine/events(labels:types:)``.
public enum EngineNews: Sendable, Hashable {
  /// Events are flowing, from this moment on. After the first one it means that the connection was
  /// lost and events may have been missed: look at the lists again.
  case connected
  case event(EngineEvent)
  /// The connection is lost; another is tried until the consumer stops.
  case lost(EngineError)
}

extension Engine {
  /// What happens at the engine to things with these labels, for as long as the consumer goes on.
  public func events(labels: [String: String?] = [:], types: [String] = []) -> EventSequence {
    var request = EngineRequest("follow the engine's events", .GET, "/events")
    let others = types.isEmpty ? [:] : ["type": types]
    request.query = [("filters", EngineFilters(labels: labels, others).text)]
    request.limit = .head(.seconds(30))
    return EventSequence(engine: self, request: request)
  }
}

/// News of the engine. For one consumer.
public struct EventSequence: AsyncSequence, Sendable {
  let engine: Engine
  let request: EngineRequest

  public func makeAsyncIterator() -> Iterator { Iterator(engine: engine, request: request) }

  public struct Iterator: AsyncIteratorProtocol {
    let engine: Engine
    let request: EngineRequest
    private var response: EngineResponse?
    private var lines = LineSplitter(maximum: 1 << 20)
    private var pause = Duration.zero

    init(engine: Engine, request: EngineRequest) {
      self.engine = engine
      self.request = request
    }

    /// Nil only when the task is cancelled.
    public mutating func next() async -> EngineNews? {
      do {
        guard let response else { return try await connect() }
        return .event(try await event(of: response))
      } catch {
        response?.close()
        response = nil
        guard !Task.isCancelled, let failure = error as? EngineError else { return nil }
        pause = pause == .zero ? .milliseconds(100) : Swift.min(pause * 2, .seconds(10))
        return .lost(failure)
      }
    }

    private mutating func connect() async throws -> EngineNews {
      try await Task.sleep(for: pause)
      lines = LineSplitter(maximum: 1 << 20)
      response = try await engine.send(request)
      return .connected
    }

    private mutating func event(of response: EngineResponse) async throws -> EngineEvent {
      while true {
        if let line = try nextLine() {
          pause = .zero
          if let event = try EngineEvent(JSONText(validating: line, limits: .fromEngine)) {
            return event
          }
        } else {
          guard let chunk = try await response.body.next() else { throw ended }
          lines.append(chunk)
        }
      }
    }

    private mutating func nextLine() throws -> [UInt8]? {
      do { return try lines.next() } catch {
        throw EngineError(.malformed, request.operation, "an event is too long")
      }
    }

    private var ended: EngineError {
      EngineError(.unreachable, request.operation, "the engine ended the stream")
    }
  }
}
