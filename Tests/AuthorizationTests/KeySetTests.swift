import Synchronization
import Testing

@testable import Authorization

@Suite struct KeySetTests {
  static let rsaOf512Bits =
    #"{"kty":"RSA","kid":"x","n":"\#(String(repeating: "w", count: 86))","e":"AQAB"}"#

  @Test(arguments: [
    ("", "$"), ("[]", "$.keys"), ("{}", "$.keys"), (#"{"keys":{}}"#, "$.keys"),
    (#"{"keys":[]}"#, "$.keys"), (#"{"keys":[1]}"#, "$.keys"),
    (#"{"keys":[{"kty":"oct","kid":"x","k":"c2VjcmV0"}]}"#, "$.keys"),
    (#"{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}"#, "$.keys[0]"),
    (#"{"keys":[{"kty":"EC","crv":"P-256","x":"AA"}]}"#, "$.keys[0]"),
    (#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"}]}"#, "$.keys[0]"),
    (#"{"keys":[\#(rsaOf512Bits)]}"#, "$.keys[0]"), (#"{"keys":[],"keys":[]}"#, "$"),
    (
      #"{"keys":[\#(Array(repeating: "{}", count: KeySet.mostKeys + 1).joined(separator: ","))]}"#,
      "$.keys"
    ),
  ])
  func whatIsNoSetOfKeysIsToldWithItsPath(text: String, path: String) async throws {
    do {
      _ = try await KeySet(Array(text.utf8))
      Issue.record("accepted: \(text)")
    } catch { #expect(error.path == path, "\(error)") }
  }

  @Test func keysForOtherPurposesAreLeftOut() async throws {
    let issuer = try await Issuer()
    let set = String(decoding: issuer.keySet(["RSA": "a"]), as: UTF8.self)
    await #expect(throws: KeySet.Flaw.self) {
      try await KeySet(Array(set.replacing(#""sig""#, with: #""enc""#).utf8))
    }
    await #expect(throws: KeySet.Flaw.self) {
      try await KeySet(
        Array(set.replacing(#""use":"sig""#, with: #""key_ops":["encrypt"]"#).utf8))
    }
    #expect(try await KeySet(Array(set.utf8)).knows("a"))
    #expect(try await !KeySet(Array(set.utf8)).knows("b"))
  }

  /// A source of keys that counts, and a clock that stands still until it is told.
  final class Source: Sendable {
    struct Unreachable: Error {}
    let asked = Mutex(0)
    let answer: Mutex<KeySet?>
    let time = Mutex(ContinuousClock.now)
    let reports = Mutex<[String]>([])

    init(_ keys: KeySet?) { answer = Mutex(keys) }

    func keys() -> IssuerKeys {
      IssuerKeys(
        now: { self.time.withLock(\.self) },
        report: { reason in self.reports.withLock { $0.append(reason) } },
        fetch: {
          self.asked.withLock { $0 += 1 }
          guard let keys = self.answer.withLock(\.self) else { throw Unreachable() }
          return keys
        })
    }

    func wait(_ seconds: Int) { time.withLock { $0 += .seconds(seconds) } }
    var count: Int { asked.withLock(\.self) }
  }

  @Test func keysAreFetchedOnceAndKept() async throws {
    let source = Source(try await KeySet(try await Issuer().keySet()))
    let keys = source.keys()
    for _ in 0..<5 { _ = try await keys.keys(for: "ES256") }
    #expect(source.count == 1)
  }

  @Test func manyWhoNeedKeysCauseOneRequest() async throws {
    let source = Source(try await KeySet(try await Issuer().keySet()))
    let keys = source.keys()
    await withTaskGroup { group in
      for _ in 0..<50 { group.addTask { _ = try? await keys.keys(for: "ES256") } }
    }
    #expect(source.count == 1)
  }

  @Test func inventedKeyIDsCauseOneRequestPerPause() async throws {
    let source = Source(try await KeySet(try await Issuer().keySet()))
    let keys = source.keys()
    _ = try await keys.keys(for: "ES256")
    for number in 0..<20 { _ = try await keys.keys(for: "no-\(number)") }
    #expect(source.count == 1)
    source.wait(31)
    for number in 0..<20 { _ = try await keys.keys(for: "no-\(number)") }
    #expect(source.count == 2)
  }

  @Test func aNewKeyIsFoundAfterThePause() async throws {
    let issuer = try await Issuer()
    let source = Source(try await KeySet(issuer.keySet(["ES256": "old"])))
    let keys = source.keys()
    #expect(try await keys.keys(for: "old").keys.knows("old"))
    source.answer.withLock { $0 = nil }
    let renewed = try await KeySet(issuer.keySet(["ES256": "new"]))
    source.answer.withLock { $0 = renewed }
    source.wait(31)
    #expect(try await keys.keys(for: "new").keys.knows("new"))
  }

  @Test func keysOfAnIssuerOutOfReachAreTrustedForAWhileAndNotLonger() async throws {
    let source = Source(try await KeySet(try await Issuer().keySet()))
    let keys = source.keys()
    _ = try await keys.keys(for: "ES256")
    source.answer.withLock { $0 = nil }
    source.wait(3599)
    #expect(try await keys.keys(for: "ES256").keys.knows("ES256"))
    source.wait(2)
    await #expect(throws: AuthorizationFailure.self) { try await keys.keys(for: "ES256") }
    let good = try await KeySet(try await Issuer().keySet())
    source.answer.withLock { $0 = good }
    source.wait(31)
    #expect(try await keys.keys(for: "ES256").keys.knows("ES256"))
  }

  @Test func anIssuerThatWasNeverReachedGivesUnavailableAndIsAskedAgainLater() async throws {
    let source = Source(nil)
    let keys = source.keys()
    for _ in 0..<3 {
      await #expect {
        try await keys.keys(for: "ES256")
      } throws: { error in
        if case .unavailable = error as? AuthorizationFailure { true } else { false }
      }
    }
    #expect(source.count == 1)
    #expect(source.reports.withLock(\.count) == 1)
    source.wait(31)
    await #expect(throws: AuthorizationFailure.self) { try await keys.keys(for: "ES256") }
    #expect(source.count == 2)
  }
}
