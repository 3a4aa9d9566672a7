import Testing

@testable import Audit

struct TimestampTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000000Z"), (951_782_400_000_001, "2000-02-29T00:00:00.000001Z"),
      (1_763_841_032_123_456, "2025-11-22T19:50:32.123456Z"),
      (4_107_542_399_999_999, "2100-02-28T23:59:59.999999Z"),
      (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
      (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
    ] as [(Int64, String)])
  func momentsAreWrittenAndReadAlike(microseconds: Int64, text: String) {
    #expect(Timestamp(microseconds: microseconds).description == text)
    #expect(Timestamp(text)?.microseconds == microseconds)
  }

  @Test(arguments: [
    ("2025-11-22", "2025-11-22T00:00:00.000000Z"),
    ("2025-11-22T19:50", "2025-11-22T19:50:00.000000Z"),
    ("2025-11-22T19:50:32", "2025-11-22T19:50:32.000000Z"),
    ("2025-11-22T19:50:32.5Z", "2025-11-22T19:50:32.500000Z"),
  ])
  func partsMayBeLeftOut(short: String, full: String) {
    #expect(Timestamp(short)?.description == full)
  }

  @Test(arguments: [
    "", "2025", "2025-13-01", "2025-02-29", "2025-11-31", "2025-11-22T", "2025-11-22T24:00",
    "2025-11-22T19:60", "2025-11-22T19:50:60", "2025-11-22T19:50:32.", "2025-11-22T19:50.5",
    "2025-11-22T19:50:32.1234567", "2025-11-22T19:50:32+01:00", "+025-11-22", "1969-12-31", "now",
  ])
  func whatIsNoMomentIsRefused(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test func everyDayOfFourCenturiesFollowsTheOneBefore() {
    var last = Timestamp(microseconds: -1)
    for day in 0..<146_097 {
      let time = Timestamp(microseconds: Int64(day) * 86_400_000_000)
      #expect(last.microseconds < 0 || last.description < time.description)
      #expect(Timestamp(time.description) == time)
      last = time
    }
  }
}
