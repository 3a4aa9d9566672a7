import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(1))) struct MailboxTests {
  @Test func elementsComeInOrderThenTheEnd() async {
    let box = Mailbox<Int>(capacity: 2)
    let sender = Task {
      for number in 1...100 { await box.send(number) }
      box.finish(with: 101)
    }
    var received: [Int] = []
    while case .element(let number) = await box.next() { received.append(number) }
    #expect(received == Array(1...101))
    await sender.value
  }

  @Test func aProducerWaitsWhileTheBoxIsFull() async {
    let box = Mailbox<Int>(capacity: 1)
    await box.send(1)
    let second = Task {
      await box.send(2)
      box.nudge()
    }
    // The second send cannot be done before the first element is taken, so no nudge comes first.
    guard case .element(1) = await box.next(), case .element(2) = await box.next() else {
      Issue.record("elements out of order")
      return
    }
    guard case .nudge = await box.next() else {
      Issue.record("expected the nudge last")
      return
    }
    await second.value
  }

  @Test func aConsumerThatIsGoneHoldsNobodyUp() async {
    let box = Mailbox<Int>(capacity: 1)
    await box.send(1)
    let waiting = (0..<10).map { number in Task { await box.send(number) } }
    box.abandon()
    for task in waiting { await task.value }
    await box.send(99)
    box.finish(with: 100)
    guard case .finished = await box.next() else {
      Issue.record("an abandoned box keeps nothing")
      return
    }
  }

  @Test func nudgesAreMergedAndWakeTheConsumer() async {
    let box = Mailbox<Int>(capacity: 1)
    let consumer = Task { await box.next() }
    box.nudge()
    guard case .nudge = await consumer.value else {
      Issue.record("expected a nudge")
      return
    }
    box.nudge()
    box.nudge()
    box.finish(with: nil)
    guard case .finished = await box.next() else {
      Issue.record("the end outranks a nudge")
      return
    }
  }
}
