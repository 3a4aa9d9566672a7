import Glibc
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(1)))
struct ConsoleTests {
  @Test func aPipeThatNobodyReadsDoesNotStopTheGateway() {
    var ends: [Int32] = [-1, -1]
    #expect(unsafe pipe(&ends) == 0)
    let console = Console(descriptor: ends[1])
    let start = ContinuousClock.now
    for _ in 0..<200 { console.line(String(repeating: "x", count: 2_000)) }
    #expect(.now - start < .seconds(5))
    // Read again, it is written to again.
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    #expect((unsafe read(ends[0], &buffer, buffer.count)) > 0)
    console.line("after")
    let count = unsafe read(ends[0], &buffer, buffer.count)
    #expect(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).hasSuffix("after\n"))
    for end in ends { close(end) }
  }
}
