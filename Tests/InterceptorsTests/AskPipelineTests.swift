import Policy
import Secrets
import Synchronization
import Testing
import Wire

@testable import Interceptors

private struct Broken: Error {}

/// What servers ask passes the same pipeline, the other way round.
struct AskPipelineTests {
  private static let secret = "correct-horse-battery-staple"
  private static let answer = JSONText(object: [("roots", .emptyArray)])

  private final class Station: Interceptor {
    let name: String
    let steps: Mutex<[String]>
    let onBefore: @Sendable () throws -> Void
    let onAfter: @Sendable () throws -> Void

    init(
      _ name: String, before: @escaping @Sendable () throws -> Void = {},
      after: @escaping @Sendable () throws -> Void = {}
    ) {
      self.name = name
      steps = Mutex([])
      onBefore = before
      onAfter = after
    }

    func before(_ ask: ServerAsk) async throws {
      steps.withLock { $0.append("before") }
      try onBefore()
    }
    func after(_ answer: JSONText, to ask: ServerAsk) async throws {
      steps.withLock { $0.append("after") }
      try onAfter()
    }
  }

  private func pipeline(_ stations: [any Interceptor] = []) throws -> Pipeline {
    let scanner = try SecretScanner(exact: [ExactSecret(name: "db.password", value: Self.secret)])
    return Pipeline(
      rules: RuleSet(servers: ["s", "owner"]) { _, _ in true },
      scan: SecretScan(scanner, ownSecrets: ["owner": ["db.password"]]), stations: stations)
  }

  private func ask(_ server: String = "s", _ text: String = "?") -> ServerAsk {
    ServerAsk(
      server: server, method: .elicit,
      params: JSONText(object: [("message", JSONText(string: text))]))
  }

  private func refusal(_ work: () async throws -> JSONText) async -> Refusal? {
    do {
      _ = try await work()
      return nil
    } catch { return error as? Refusal }
  }

  @Test func anAskPassesEveryStationAndItsAnswerToo() async throws {
    let stations = [Station("a"), Station("b")]
    let pipeline = try pipeline(stations)
    #expect(try await pipeline.carry(ask()) { _ in Self.answer } == Self.answer)
    #expect(stations.allSatisfy { $0.steps.withLock { $0 } == ["before", "after"] })
  }

  @Test func aStationThatFailsKeepsTheAskFromTheClientAndTheAnswerFromTheServer() async throws {
    let early = try pipeline([Station("x", before: { throw Broken() })])
    #expect(
      await refusal {
        try await early.carry(ask()) { _ in
          Issue.record("asked")
          return Self.answer
        }
      }?.code == .interceptorFailed)
    let late = try pipeline([Station("x", after: { throw Broken() })])
    #expect(
      await refusal { try await late.carry(ask()) { _ in Self.answer } }?.code
        == .interceptorFailed)
  }

  @Test func aServerThatIsNotEnabledAsksNobody() async throws {
    let pipeline = try pipeline()
    #expect(
      await refusal { try await pipeline.carry(ask("other")) { _ in Self.answer } }?.code
        == .policyDenied)
  }

  @Test func aSecretIsToldToItsOwnerAndToNobodyElse() async throws {
    let pipeline = try pipeline()
    let told = JSONText(object: [("content", JSONText(string: Self.secret))])
    #expect(await refusal { try await pipeline.carry(ask()) { _ in told } }?.code == .secretFound)
    #expect(try await pipeline.carry(ask("owner")) { _ in told } == told)
    // In a question it is shown to a person or a model, whoever asks.
    #expect(
      await refusal { try await pipeline.carry(ask("owner", Self.secret)) { _ in told } }?.code
        == .secretFound)
  }

  @Test func theWordsOfAClientsErrorAreScanned() async throws {
    let pipeline = try pipeline()
    #expect(
      await refusal {
        try await pipeline.carry(ask()) { _ in throw RPCError.internal(Self.secret) }
      }?.code == .secretFound)
    let plain = RPCError(code: -1, message: "no")
    await #expect(throws: plain) { try await pipeline.carry(ask()) { _ in throw plain } }
  }
}
