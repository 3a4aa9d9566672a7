import Testing
import Wire

@testable import Gateway

@Suite(.timeLimit(.minutes(1)))
struct CallMailboxTests {
  private func event(_ number: Int, padding: Int = 0) -> CallMailbox.Item {
    .event(
      .progress(
        JSONText(object: [
          ("n", JSONText(number)),
          ("p", JSONText(string: String(repeating: "x", count: padding))),
        ])))
  }

  private func drain(_ mailbox: CallMailbox) async -> [Int] {
    var numbers: [Int] = []
    while case .event(let event) = await mailbox.next() {
      numbers.append(event.params["n"]?.int ?? -1)
    }
    return numbers
  }

  @Test func eventsComeInOrderAndNothingAfterTheAnswer() async {
    let mailbox = CallMailbox()
    for number in 0..<3 { mailbox.put(event(number)) }
    mailbox.put(.result(.emptyObject))
    mailbox.put(event(9))
    mailbox.put(.failure(Fault(.timeout, from: .server, "late")))
    #expect(await drain(mailbox) == [0, 1, 2])
    guard case .result = await mailbox.next() else {
      Issue.record("the first answer stays")
      return
    }
  }

  @Test func theOldestEventsGoBeyondTheNumber() async {
    let mailbox = CallMailbox()
    for number in 0..<1_000 { mailbox.put(event(number)) }
    mailbox.put(.result(.emptyObject))
    #expect(await drain(mailbox) == Array((1_000 - CallMailbox.mostEvents)..<1_000))
  }

  @Test func theOldestEventsGoBeyondTheSize() async {
    let mailbox = CallMailbox()
    for number in 0..<100 { mailbox.put(event(number, padding: CallMailbox.mostBytes / 10)) }
    mailbox.put(.result(.emptyObject))
    #expect(await drain(mailbox) == Array(91..<100))
  }

  @Test func aWaiterIsWokenByWhatComesFirst() async {
    let mailbox = CallMailbox()
    async let first = mailbox.next()
    try? await Task.sleep(for: .milliseconds(20))
    mailbox.put(.failure(Fault(.cancelled, from: .client, "c")))
    mailbox.put(.result(.emptyObject))
    guard case .failure = await first else {
      Issue.record("the failure came first")
      return
    }
  }
}
