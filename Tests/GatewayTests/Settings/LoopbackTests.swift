import Testing
import Wire

@testable import Gateway

struct LoopbackTests {
  @Test(arguments: [
    "127.0.0.1", "127.9.9.9", "127.255.255.255", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1",
    "::ffff:7f00:1", "localhost", "LocalHost",
  ])
  func theseReachThisMachineOnly(_ host: String) { #expect(Loopback.isReached(by: host)) }

  @Test(arguments: [
    "127.evil.example", "127.0.0.1.evil.example", "127.1", "127.0.0.01", "0127.0.0.1", "2130706433",
    "localhost.evil.example", "localhost.", "localhost.localdomain", "", "0.0.0.0", "::", "[::1]",
    "::127.0.0.1", "::fffe:127.0.0.1", "1::1", "10.0.0.1", "128.0.0.1", "\u{661}27.0.0.1",
  ])
  func everythingElseDoesNot(_ host: String) { #expect(!Loopback.isReached(by: host)) }
}
