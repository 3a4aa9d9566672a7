import NIOCore
import Testing

@testable import Gateway

@Suite struct EventLogTests {
  static func event(_ stream: UInt32, _ number: UInt32, bytes: Int = 1) -> EventLog.Event {
    EventLog.Event(
      id: EventID(stream: stream, number: number),
      buffer: ByteBuffer(repeating: UInt8(ascii: "x"), count: bytes))
  }

  static func log(
    events: Int = 1000, bytes: Int = 1000, total: EventTotal = EventTotal()
  ) -> EventLog {
    EventLog(EventLog.Limits(events: events, bytes: bytes), total: total)
  }

  static func numbers(_ log: EventLog, _ stream: UInt32, after number: UInt32) -> [UInt32]? {
    log.events(of: stream, after: number)?.map(\.id.number)
  }

  @Test func eventsOfOneStreamNeverComeOnAnother() {
    let log = Self.log()
    for number in 1...3 {
      log.append(Self.event(1, UInt32(number)))
      log.append(Self.event(2, UInt32(number)))
    }
    #expect(Self.numbers(log, 1, after: 0) == [1, 2, 3])
    #expect(Self.numbers(log, 2, after: 2) == [3])
    #expect(Self.numbers(log, 2, after: 3) == [])
    #expect(Self.numbers(log, 3, after: 0) == nil)
    #expect(log.events(of: 1, after: 0)?.allSatisfy { $0.id.stream == 1 } == true)
  }

  @Test(arguments: [(3, 1000), (1000, 3)])
  func aGapIsToldNotSkipped(events: Int, bytes: Int) {
    let log = Self.log(events: events, bytes: bytes)
    for number in 1...5 { log.append(Self.event(1, UInt32(number))) }
    #expect(Self.numbers(log, 1, after: 1) == nil)
    #expect(Self.numbers(log, 1, after: 2) == [3, 4, 5])
  }

  @Test func anEventLargerThanTheLogIsNotKept() {
    let log = Self.log(bytes: 10)
    log.append(Self.event(1, 1))
    log.append(Self.event(1, 2, bytes: 11))
    #expect(Self.numbers(log, 1, after: 1) == nil)
    #expect(Self.numbers(log, 1, after: 2) == [])
  }

  @Test func eventsGoWithTheirAge() {
    let log = Self.log()
    let start = ContinuousClock.now
    log.append(Self.event(1, 1), now: start)
    log.append(Self.event(1, 2), now: start + .seconds(200))
    log.expire(now: start + .seconds(300))
    #expect(Self.numbers(log, 1, after: 0) == nil)
    #expect(Self.numbers(log, 1, after: 1) == [2])
    log.expire(now: start + .seconds(500))
    #expect(!log.keeps(1))
  }

  @Test func aStreamThatIsOverIsForgottenWithItsLastEvent() {
    let log = Self.log(events: 2)
    log.append(Self.event(1, 1))
    log.close(1)
    #expect(Self.numbers(log, 1, after: 0) == [1])
    for number in 1...2 { log.append(Self.event(2, UInt32(number))) }
    #expect(Self.numbers(log, 1, after: 1) == nil)
  }

  @Test func allLogsTogetherAreBounded() {
    let total = EventTotal(limit: 10)
    let (one, other) = (Self.log(total: total), Self.log(total: total))
    for number in 1...8 { one.append(Self.event(1, UInt32(number))) }
    for number in 1...8 { other.append(Self.event(1, UInt32(number))) }
    #expect(!total.isExceeded)
    #expect(Self.numbers(one, 1, after: 0)?.count == 8)
    #expect(Self.numbers(other, 1, after: 0) == nil)
    #expect(Self.numbers(other, 1, after: 6) == [7, 8])
  }

  @Test func anIDOpensInItsSessionOnlyAndOnlyUnchanged() {
    let seal = EventID.Seal()
    let id = EventID(stream: 7, number: 0xFFFF_FFFE)
    let text = seal.text(id, session: "a")
    #expect(seal.open(text, session: "a") == id)
    #expect(seal.open(text, session: "b") == nil)
    #expect(EventID.Seal().open(text, session: "a") == nil)
    for position in text.indices {
      var other = text
      other.replaceSubrange(position...position, with: text[position] == "A" ? "B" : "A")
      #expect(seal.open(other, session: "a") == nil)
    }
    for wrong in ["", "1", text + "A", String(text.dropLast()), text + text, "é", "\u{0}"] {
      #expect(seal.open(wrong, session: "a") == nil)
    }
  }
}
