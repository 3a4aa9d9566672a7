/// Whose turn it is to be started and listed, without clock or task.
///
/// Starting costs the machine work, so few servers are started at once. Waiting for one that does not
/// answer costs nothing: it gives up its place after a while and is waited for beside the others, so
/// that a few servers that hang delay nobody for long.
struct ListingTurns: Sendable {
  private static let places = 4
  /// With those that have given up their place; the rest of the containers is for calls.
  private static let mostUnderWay = 32

  private var waiting: ArraySlice<PlannedServer>
  private var holders: Set<String> = []
  private var slow: Set<String> = []

  init(_ servers: [PlannedServer]) { waiting = servers[...] }

  /// Those that may begin now.
  mutating func begin() -> [PlannedServer] {
    var due: [PlannedServer] = []
    while holders.count < Self.places, holders.count + slow.count < Self.mostUnderWay,
      let next = waiting.popFirst()
    {
      holders.insert(next.name)
      due.append(next)
    }
    return due
  }

  /// It takes longer than is fair to hold a place.
  mutating func giveUpPlace(_ server: String) {
    if holders.remove(server) != nil { slow.insert(server) }
  }

  /// It is listed, or has failed.
  mutating func end(_ server: String) {
    holders.remove(server)
    slow.remove(server)
  }
}
