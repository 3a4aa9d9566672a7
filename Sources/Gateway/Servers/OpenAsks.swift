import Wire

/// The requests of a server that are open on a connection, without clock or channel: which calls
/// each may belong to, and how it is withdrawn.
///
/// A server does not say which call its request belongs to. All calls in flight when it came might
/// have caused it, and all are calls of one client; so it lives while one of them does.
struct OpenAsks: Sendable {
  /// Open at the same time on a connection.
  static let mostOpen = 16
  /// Waiting for a first call.
  static let mostParked = 8

  struct Parked: Sendable {
    let id: RequestID
    let ask: ServerAsk
  }

  private struct Open {
    var calls: Set<Int64>
    let isOfCall: Bool
    let handle: CallHandle
  }
  private var open: [RequestID: Open] = [:]
  private var parked: [Parked] = []

  var isEmpty: Bool { open.isEmpty && parked.isEmpty }
  var hasRoom: Bool { open.count < Self.mostOpen }

  func isKnown(_ id: RequestID) -> Bool {
    open[id] != nil || parked.contains { $0.id == id }
  }

  /// - Parameter calls: those that may have caused it; empty if none is in flight.
  mutating func begin(_ id: RequestID, _ calls: Set<Int64>, _ handle: CallHandle) {
    open[id] = Open(calls: calls, isOfCall: !calls.isEmpty, handle: handle)
  }

  /// The calls that wait no longer for this ask; nil if the server has withdrawn it, and so expects no
  /// answer.
  mutating func end(_ id: RequestID, _ handle: CallHandle) -> Set<Int64>? {
    guard let ask = open[id], ask.handle === handle else { return nil }
    open[id] = nil
    return ask.calls
  }

  /// False if too many wait already.
  mutating func park(_ id: RequestID, _ ask: ServerAsk) -> Bool {
    guard parked.count < Self.mostParked else { return false }
    parked.append(Parked(id: id, ask: ask))
    return true
  }

  mutating func takeParked() -> [Parked] {
    defer { parked = [] }
    return parked
  }

  /// The server takes its request back; how to end it, and the calls that waited for it.
  mutating func withdraw(_ id: RequestID) -> (handle: CallHandle, calls: Set<Int64>)? {
    parked.removeAll { $0.id == id }
    return open.removeValue(forKey: id).map { ($0.handle, $0.calls) }
  }

  /// A call has ended; the asks that belong to no other.
  mutating func leave(_ call: Int64) -> [CallHandle] {
    var orphans: [CallHandle] = []
    for id in open.keys where open[id]?.calls.remove(call) != nil {
      if let ask = open[id], ask.isOfCall, ask.calls.isEmpty { orphans.append(ask.handle) }
    }
    return orphans
  }

  var handles: [CallHandle] { open.values.map(\.handle) }
}
