import Testing
import Wire

@testable import Gateway

struct OpenRequestsTests {
  private let start = ContinuousClock.now
  private static let carrier: AskCarrier = { $0.params }

  private func open(_ requests: inout OpenRequests, asking: Bool = true) -> Int64 {
    requests.open(
      CallMailbox(), limit: .seconds(60), hearsEvents: true,
      carrier: asking ? Self.carrier : nil, now: start)
  }

  @Test func theClockStandsStillWhileSomethingIsAsked() {
    var requests = OpenRequests()
    let id = open(&requests)
    requests.pause([id])
    #expect(requests.late(now: start + .seconds(61)).isEmpty)
    requests.pause([id])
    requests.resume([id], now: start + .seconds(100))
    #expect(requests.late(now: start + .seconds(161)).isEmpty)
    requests.resume([id], now: start + .seconds(200))
    #expect(requests.late(now: start + .seconds(259)).isEmpty)
    #expect(requests.late(now: start + .seconds(260)).count == 1)
  }

  @Test func askingDoesNotMakeACallLastForEver() {
    var requests = OpenRequests()
    let id = open(&requests)
    requests.pause([id])
    #expect(requests.late(now: start + OpenRequests.longest - .seconds(1)).isEmpty)
    #expect(
      requests.late(now: start + OpenRequests.longest).first?.patience == OpenRequests.longest)
  }

  @Test func onlyCallsThatCanCarryAnAskAreAskedFor() {
    var requests = OpenRequests()
    #expect(requests.carriers(of: nil).newest == nil)
    let first = open(&requests)
    _ = open(&requests, asking: false)
    let last = open(&requests)
    #expect(requests.carriers(of: nil).calls == [first, last])
    #expect(requests.carriers(of: nil).newest?.id == last)
    let named = requests.carriers(of: .integer(first))
    #expect(named.calls == [first])
    #expect(named.newest?.id == first)
    #expect(!requests.isOver(.integer(last)))
    requests.close(last)
    #expect(requests.carriers(of: nil).newest?.id == first)
    #expect(requests.isOver(.integer(last)))
    #expect(!requests.isOver(nil))
    #expect(!requests.isOver(.integer(99)), "not one of ours")
  }

  @Test func anAskLivesAsLongAsOneOfItsCalls() {
    var asks = OpenAsks()
    let handle = CallHandle()
    asks.begin(.integer(1), [1, 2], handle)
    #expect(asks.leave(1).isEmpty)
    #expect(asks.leave(3).isEmpty)
    #expect(asks.leave(2).first === handle)
    let unprompted = CallHandle()
    asks.begin(.integer(2), [], unprompted)
    #expect(asks.leave(5).isEmpty)
    #expect(asks.withdraw(.integer(2))?.handle === unprompted)
    #expect(asks.end(.integer(2), unprompted) == nil)
  }
}
