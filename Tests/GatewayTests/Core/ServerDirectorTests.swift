import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(1)))
struct ServerDirectorTests {
  private static func servers(_ names: [String]) -> [PlannedServer] { names.map { .fake($0) } }

  @Test func serversThatHangDoNotDelayTheOthers() async throws {
    let hung = (1...5).map { "hung\($0)" }
    let gateway = try FakeGateway(Self.servers(hung + ["zgood"]))
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      if name != "zgood" { server.on("initialize") { _, _ in } }
      return server
    }
    let generation = gateway.core.snapshot.generation
    let director = ServerDirector(
      core: gateway.core, ownListing: { _ in nil }, patience: .milliseconds(20))
    let servers = generation.servers.values.sorted { $0.name < $1.name }
    let listing = Task { await director.listAll(servers, of: generation) }
    #expect(await eventually { gateway.core.snapshot.listings["zgood"] != nil })
    // None of them has been given up for it.
    #expect(gateway.fleet.running.count { $0.name != "zgood" } == 5)
    let outcomes = await listing.value
    #expect(outcomes.map(\.server) == hung + ["zgood"])
    #expect(outcomes.map(\.hasFailed) == [true, true, true, true, true, false])
    await gateway.end()
  }

  @Test func fourAreStartedAtOnce() {
    var turns = ListingTurns(Self.servers(["a", "b", "c", "d", "e", "f"]))
    #expect(turns.begin().map(\.name) == ["a", "b", "c", "d"])
    #expect(turns.begin().isEmpty)
    turns.end("b")
    #expect(turns.begin().map(\.name) == ["e"])
    turns.giveUpPlace("a")
    turns.giveUpPlace("b")
    #expect(turns.begin().map(\.name) == ["f"])
  }

  @Test func thoseThatAreSlowAreBoundedToo() {
    var turns = ListingTurns(Self.servers((0..<40).map { "s\($0)" }))
    var begun: [String] = []
    for _ in 0..<40 {
      let due = turns.begin().map(\.name)
      begun += due
      for server in due { turns.giveUpPlace(server) }
    }
    #expect(begun.count == 32)
    turns.end("s7")
    #expect(turns.begin().map(\.name) == ["s32"])
    #expect(turns.begin().isEmpty)
  }
}
