import Testing

@testable import ContainerEngine

struct ExitLatchTests {
  /// The time of a wait may be over before the wait has begun; it must end all the same.
  @Test(arguments: [Duration.zero, .nanoseconds(1), .microseconds(20), .milliseconds(1)])
  func aWaitEndsWhenItsTimeIsOverHoweverShort(limit: Duration) async {
    let latch = ExitLatch()
    await withTaskGroup { group in
      for _ in 0..<2_000 { group.addTask { #expect(await latch.wait(within: limit) == nil) } }
    }
  }

  @Test func everybodyWhoWaitsLearnsTheExit() async {
    let latch = ExitLatch()
    let exit = ContainerExit(code: 3, error: nil)
    await withTaskGroup { group in
      for _ in 0..<50 {
        group.addTask { #expect(await latch.wait(within: .seconds(60))?.code == 3) }
      }
      latch.settle(exit)
    }
    #expect(await latch.wait(within: .zero)?.code == 3)
  }

  @Test func aCancelledWaitEnds() async {
    let latch = ExitLatch()
    let waiting = Task { await latch.wait(within: .seconds(3_600)) }
    waiting.cancel()
    #expect(await waiting.value == nil)
  }
}
