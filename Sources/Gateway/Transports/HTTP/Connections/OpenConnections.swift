import NIOCore
import Synchronization

/// All connections of one transport. There is a place for a newcomer as long as somebody does
/// nothing with his own.
final class OpenConnections: Sendable {
  /// What a connection is worth when places are short.
  enum Standing: UInt8, Comparable, AtomicRepresentable {
    /// Has shown no credentials yet, or none that hold.
    case stranger
    /// Is between two requests, or has not sent all of one.
    case resting
    /// Has a request in work.
    case busy

    static func < (one: Standing, other: Standing) -> Bool { one.rawValue < other.rawValue }
  }

  /// One connection's place.
  final class Place: Sendable {
    let channel: any Channel
    fileprivate let number: UInt64
    /// The client's address without its port.
    fileprivate let peer: String
    private let standing = Atomic(Standing.stranger)

    fileprivate init(_ channel: any Channel, _ number: UInt64) {
      self.channel = channel
      self.number = number
      peer = channel.remoteAddress?.ipAddress ?? ""
    }

    fileprivate var current: Standing { standing.load(ordering: .relaxed) }
    func becomes(_ new: Standing) { standing.store(new, ordering: .relaxed) }
  }

  private struct State {
    var places: [UInt64: Place] = [:]
    var held: [String: Int] = [:]
    var last: UInt64 = 0

    mutating func add(_ place: Place) {
      places[place.number] = place
      held[place.peer, default: 0] += 1
    }

    mutating func remove(_ place: Place) {
      guard places.removeValue(forKey: place.number) != nil else { return }
      let rest = (held[place.peer] ?? 0) - 1
      held[place.peer] = rest > 0 ? rest : nil
    }

    /// Strangers go before guests; of those that are alike the one of the address that holds most,
    /// then the one that has been here longest. So one flood cannot keep others out, and nobody loses
    /// a request in work.
    var loser: Place? {
      var loser: (place: Place, standing: Standing, held: Int)?
      for place in places.values {
        let rival = (place: place, standing: place.current, held: held[place.peer] ?? 0)
        guard rival.standing < .busy else { continue }
        if let best = loser, !Self.goesBefore(rival, best) { continue }
        loser = rival
      }
      return loser?.place
    }

    private typealias Rival = (place: Place, standing: Standing, held: Int)

    private static func goesBefore(_ one: Rival, _ other: Rival) -> Bool {
      if one.standing != other.standing { return one.standing < other.standing }
      if one.held != other.held { return one.held > other.held }
      return one.place.number < other.place.number
    }
  }

  private let limit: Int
  private let state = Mutex(State())

  init(limit: Int) { self.limit = limit }

  /// A place for a connection; whoever loses his to it is closed. Nil where all are busy.
  func admit(_ channel: any Channel) -> Place? {
    let (place, loser) = state.withLock { state -> (Place?, Place?) in
      state.last += 1
      let place = Place(channel, state.last)
      let loser = state.places.count < limit ? nil : state.loser
      guard state.places.count < limit || loser != nil else { return (nil, nil) }
      if let loser { state.remove(loser) }
      state.add(place)
      return (place, loser)
    }
    loser?.channel.close(promise: nil)
    return place
  }

  func leave(_ place: Place) { state.withLock { $0.remove(place) } }

  var isEmpty: Bool { state.withLock { $0.places.isEmpty } }
  var channels: [any Channel] { state.withLock { $0.places.values.map(\.channel) } }
}
