import Testing

@testable import Wire

struct QuantityTests {
  @Test(
    arguments: [
      ("0", 0), ("1", 1), ("1b", 1), ("1k", 1 << 10), ("1K", 1 << 10), ("1kb", 1 << 10),
      ("1KiB", 1 << 10), ("1 kb", 1 << 10), ("2Gb", 2 << 30), ("2g", 2 << 30), ("2GB", 2 << 30),
      ("512m", 512 << 20), ("1.5g", 3 << 29), (".5g", 1 << 29), ("1t", 1 << 40), ("1p", 1 << 50),
      ("1pib", 1 << 50), ("0.5k", 512), ("8388607t", 8_388_607 << 40),
    ] as [(String, Int64)])
  func sizesAreBinaryInEveryUnit(_ text: String, _ bytes: Int64) {
    #expect(Quantity.bytes(text) == bytes)
  }

  @Test(arguments: [
    "", "g", "-1", "+1", "1x", "1gg", "1  g", "1gbb", "0x10", "1e3", "nan", "1.2.3", "1 ", " 1",
    "99999999999999999999", "8388608t", "16384p", "１", "1.1234567890123456789k",
  ])
  func whatIsNoSizeIsNone(_ text: String) { #expect(Quantity.bytes(text) == nil) }

  @Test(
    arguments: [
      ("30s", .seconds(30)), ("2m", .seconds(120)), ("1m30s", .seconds(90)),
      ("1.5h", .seconds(5400)),
      ("250ms", .milliseconds(250)), ("1h1m1s", .seconds(3661)), ("30", .seconds(30)),
      ("0.5", .milliseconds(500)), ("10us", .microseconds(10)), ("10µs", .microseconds(10)),
      ("7ns", .nanoseconds(7)), (".5s", .milliseconds(500)), ("0", .zero),
    ] as [(String, Duration)])
  func durationsAreGosOrPlainSeconds(_ text: String, _ duration: Duration) {
    #expect(Quantity.duration(text) == duration)
  }

  @Test(arguments: [
    "", "s", "-1s", "+1s", "1x", "1m30", "30 s", "1d", "1e3s", "99999999999h", "1s ", "1..5s", "m1",
  ])
  func whatIsNoDurationIsNone(_ text: String) { #expect(Quantity.duration(text) == nil) }

  @Test(arguments: [("1", 1), ("0.5", 0.5), ("0", 0), (".25", 0.25)] as [(String, Double)])
  func fractionsArePlain(_ text: String, _ value: Double) {
    #expect(Quantity.fraction(text) == value)
  }

  @Test(arguments: ["", "-1", "+1", "1e3", "nan", "inf", "0x1", "1,5", "1 "])
  func whatIsNoFractionIsNone(_ text: String) { #expect(Quantity.fraction(text) == nil) }
}
