import Foundation
import Testing
import Wire

@testable import Gateway

@Suite struct SessionTableTests {
  private static func table(
    _ opener: ScriptedOpener = ScriptedOpener(), perIdentity: Int = 2, total: Int = 3,
    abandoned: Duration = .zero
  ) -> SessionTable {
    var limits = SessionLimits()
    limits.perIdentity = perIdentity
    limits.total = total
    limits.abandoned = abandoned
    return SessionTable(opener: opener, limits: limits)
  }

  @Test func aSessionBelongsToWhoOpenedIt() throws {
    let table = Self.table()
    let session = try table.open(identity: "alice")
    #expect(table.find(session.id, identity: "alice") === session)
    #expect(table.find(session.id, identity: "bob") == nil)
  }

  @Test func theTotalHoldsOverAllIdentities() throws {
    let table = Self.table(abandoned: .seconds(3600))
    for identity in ["alice", "alice", "bob"] { _ = try table.open(identity: identity) }
    #expect(throws: HTTPRefusal.self) { _ = try table.open(identity: "bob") }
    #expect(throws: HTTPRefusal.self) { _ = try table.open(identity: "carol") }
    #expect(table.count == 3)
  }

  @Test func whoHoldsMostGivesWay() async throws {
    let opener = ScriptedOpener()
    let table = Self.table(opener)
    for identity in ["alice", "alice", "bob"] { _ = try table.open(identity: identity) }
    _ = try table.open(identity: "carol")
    #expect(table.count == 3)
    #expect(await eventually { opener.all.map(\.isEnded) == [true, false, false, false] })
  }

  @Test func nobodyLosesASessionToOneWhoWouldThenHaveMore() throws {
    let table = Self.table()
    for identity in ["alice", "bob", "carol"] { _ = try table.open(identity: identity) }
    #expect(throws: HTTPRefusal.self) { _ = try table.open(identity: "dave") }
    let own = try table.open(identity: "alice")
    #expect(table.find(own.id, identity: "alice") != nil)
    #expect(table.count == 3)
  }

  @Test func oneInUseIsNeverTaken() throws {
    let table = Self.table()
    for identity in ["alice", "alice", "bob"] {
      #expect(try table.open(identity: identity).unsolicited.attach() != nil)
    }
    #expect(throws: HTTPRefusal.self) { _ = try table.open(identity: "alice") }
    #expect(throws: HTTPRefusal.self) { _ = try table.open(identity: "carol") }
  }

  /// It would otherwise be out of the table and never ended.
  @Test func oneThatCannotBeReplacedStays() throws {
    let table = Self.table(ScriptedOpener(limit: 2))
    let oldest = try table.open(identity: "alice")
    _ = try table.open(identity: "alice")
    #expect(throws: HTTPRefusal.self) { _ = try table.open(identity: "alice") }
    #expect(table.find(oldest.id, identity: "alice") === oldest)
    #expect(table.count == 2)
  }

  @Test func theTotalIsReachedBeforeTheGatewayIsFull() async throws {
    let gateway = try FakeGateway()
    var limits = SessionLimits()
    limits.abandoned = .seconds(3600)
    #expect(limits.perIdentity < limits.total && limits.total < GatewayCore.mostSessions)
    let table = SessionTable(opener: gateway.core, limits: limits)
    for number in 0..<limits.total {
      _ = try table.open(identity: "client-\(number / limits.perIdentity)")
    }
    #expect(throws: HTTPRefusal.self) { _ = try table.open(identity: "another") }
    #expect(table.count == limits.total)
    await table.close()
    await gateway.end()
  }
}
