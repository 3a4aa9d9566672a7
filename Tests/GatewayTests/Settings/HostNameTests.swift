import Testing

@testable import Gateway

struct HostNameTests {
  @Test(arguments: [
    "127.0.0.1", "0.0.0.0", "255.255.255.255", "::", "::1", "fe80::1", "2001:db8:0:0:0:0:0:1",
    "::ffff:127.0.0.1", "localhost", "gateway", "a-b.example", "host.docker.internal", "h1.x",
  ])
  func addressesAndNamesAreAccepted(_ text: String) { #expect(HostName(text)?.text == text) }

  @Test func bracketsAreTakenOff() { #expect(HostName("[::1]")?.text == "::1") }

  @Test(arguments: [
    "", " ", "*", "256.0.0.1", "1.2.3", "1.2.3.4.5", "127.0.0.01", "a_b", "-a", "a-", "a..b", "a b",
    ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::g", "12345::", "[127.0.0.1]", "[::1",
    "127.0.0.1:80", "http://x", "a/b", "1.2.3.4.", "é.example", "1:2:3:4:5:6:7::8",
  ])
  func everythingElseIsRefused(_ text: String) { #expect(HostName(text) == nil) }
}
