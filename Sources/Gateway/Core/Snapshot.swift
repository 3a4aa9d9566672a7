import Wire

/// Everything a call needs to find its way, as of one moment. Swapped whole, so that a call that has
/// begun goes on with what was true then.
final class Snapshot: Sendable {
  /// Grows with every change.
  let revision: Int
  let generation: Generation
  let listings: [String: Listing]
  let directory: Directory

  init(revision: Int, generation: Generation, listings: [String: Listing]) {
    self.revision = revision
    self.generation = generation
    self.listings = listings
    knowsTasks = listings.values.contains(where: \.offersTasks)
    directory = Directory(listings, lists: generation.rules.lists(server:tool:))
  }

  /// Whether some server makes tasks of calls, though it may not outlive one.
  let knowsTasks: Bool

  /// Whether tasks can be kept for a client.
  var offersTasks: Bool {
    generation.servers.values.contains {
      $0.lifetime == .session && listings[$0.name]?.offersTasks == true
    }
  }

  /// Whether updates of some resource can be announced: only instances that outlive a call can. A
  /// server that has not been listed yet may turn out to.
  var offersSubscriptions: Bool {
    generation.servers.values.contains {
      $0.lifetime == .session && listings[$0.name]?.offersSubscriptions != false
    }
  }

  /// The arguments of a call that are repeated in headers; nil for almost every one.
  func mirroredParameters(of call: Call) -> MirroredParameters? {
    call.method == .callTool
      ? directory.mirroredParameters(of: call.target, server: call.server) : nil
  }

  /// What a session sees in which some servers list something else.
  func directory(replacing overrides: [String: Listing]) -> Directory {
    let enabled = overrides.filter { listings[$0.key] != nil }
    return Directory(listings.merging(enabled) { $1 }, lists: generation.rules.lists(server:tool:))
  }
}
