import Synchronization
import Testing
import Wire

@testable import Gateway

@Suite struct MessageHandoffTests {
  @Test func messagesArriveInOrderAndTheEndAfterThem() async throws {
    let handoff = MessageHandoff()
    try await handoff.offer([1])
    try await handoff.offer([2])
    handoff.end()
    var found: [[UInt8]] = []
    for try await message in handoff.stream { found.append(message.bytes) }
    #expect(found == [[1], [2]])
  }

  @Test func aFaultArrivesAfterTheMessagesBeforeIt() async throws {
    let handoff = MessageHandoff()
    let fault = Fault(.remote, from: .server, "gone")
    try await handoff.offer([1])
    handoff.end(fault)
    handoff.end()
    var messages = handoff.stream.makeAsyncIterator()
    #expect(try await messages.next()?.bytes == [1])
    await #expect(throws: fault) { try await messages.next() }
  }

  @Test func readersWaitWhileTheConsumerLags() async throws {
    let handoff = MessageHandoff(mostMessages: 4, mostBytes: 100)
    let offered = Mutex(0)
    let reader = Task { [handoff] in
      for number in 0..<100 {
        try await handoff.offer([UInt8(number)])
        offered.withLock { $0 += 1 }
      }
      handoff.end()
    }
    try await Task.sleep(for: .milliseconds(100))
    #expect(offered.withLock { $0 } == 4)
    var count = 0
    for try await _ in handoff.stream { count += 1 }
    #expect(count == 100)
    try await reader.value
  }

  @Test func aLargeMessageWaitsAlone() async throws {
    let handoff = MessageHandoff(mostMessages: 4, mostBytes: 10)
    try await handoff.offer(Array(repeating: 0, count: 1000))
    let second = Task { try await handoff.offer([1]) }
    try await Task.sleep(for: .milliseconds(50))
    second.cancel()
    await #expect(throws: CancellationError.self) { try await second.value }
    var messages = handoff.stream.makeAsyncIterator()
    #expect(try await messages.next()?.bytes.count == 1000)
  }

  @Test(.timeLimit(.minutes(1))) func nobodyWaitsAfterTheEnd() async throws {
    let handoff = MessageHandoff(mostMessages: 1, mostBytes: 1)
    try await handoff.offer([1])
    let waiting = (0..<10).map { _ in Task { try await handoff.offer([2]) } }
    try await Task.sleep(for: .milliseconds(20))
    handoff.end()
    for task in waiting {
      await #expect(throws: CancellationError.self) { try await task.value }
    }
  }

  @Test(.timeLimit(.minutes(1))) func aCancelledConsumerEnds() async throws {
    let handoff = MessageHandoff()
    let consumer = Task { for try await _ in handoff.stream {} }
    try await Task.sleep(for: .milliseconds(20))
    consumer.cancel()
    try await consumer.value
  }

  @Test(.timeLimit(.minutes(1))) func manyReadersAndOneConsumerLoseNothing() async throws {
    let handoff = MessageHandoff(mostMessages: 3, mostBytes: 10)
    async let sent: Void = withThrowingTaskGroup(of: Void.self) { group in
      for reader in 0..<8 {
        group.addTask { for _ in 0..<500 { try await handoff.offer([UInt8(reader)]) } }
      }
      try await group.waitForAll()
      handoff.end()
    }
    var counts = Array(repeating: 0, count: 8)
    for try await message in handoff.stream { counts[Int(message.bytes[0])] += 1 }
    try await sent
    #expect(counts == Array(repeating: 500, count: 8))
  }
}
