import Interceptors
import Policy
import Secrets
import Synchronization
import Telemetry
import Testing
import Wire

@testable import Gateway

/// A gateway core over fake servers, and one client of it.
final class FakeGateway: Sendable {
  static let secret = "correct-horse-battery-staple"
  /// Compiled once: it takes a good part of a second, in which a thread does nothing else.
  private static let scanner = Result {
    try SecretScanner(exact: [ExactSecret(name: "db.password", value: secret)])
  }

  let fleet: FakeFleet
  let core: GatewayCore
  let session: any ClientSession
  let lines = Lines()

  /// What the core logs.
  final class Lines: Sendable {
    private let state = Mutex<[String]>([])
    var all: [String] { state.withLock { $0 } }
    func add(_ line: String) { state.withLock { $0.append(line) } }
  }

  init(
    _ servers: [PlannedServer] = [.fake()], journals: [any CallJournal] = [], slots: Int = 64,
    statelessIdle: Duration = .seconds(600), parking: ParkedCalls.Limits = .init(),
    telemetry: Telemetry? = nil
  ) throws {
    fleet = FakeFleet(slots: slots)
    core = GatewayCore(
      generation: try Self.generation(servers, fleet), instance: "t", journals: journals,
      listTimeout: .seconds(5), statelessIdle: statelessIdle, parking: parking,
      telemetry: telemetry, log: lines.add)
    session = try core.open(identity: "local")
  }

  static func generation(_ servers: [PlannedServer], _ fleet: FakeFleet) throws -> Generation {
    let rules = RuleSet(servers: Set(servers.map(\.name))) { _, tool in tool != "off" }
    let scanner = try scanner.get()
    return Generation(
      servers: servers, rules: rules,
      pipeline: Pipeline(rules: rules, scan: SecretScan(scanner, ownSecrets: [:]), stations: []),
      starter: fleet.starter(), warm: 0, callTimeout: .seconds(10)
    ) { _, _, _, _ in throw RPCError.internal("no container tools here") }
  }

  /// Lists all servers, as a gateway does when it starts.
  func list() async {
    let generation = core.snapshot.generation
    let director = ServerDirector(core: core) { _ in nil }
    _ = await director.listAll(
      generation.servers.values.sorted { $0.name < $1.name }, of: generation)
    core.markListed()
  }

  /// Sends one message and gives back all that comes of it; the answer is last.
  func send(_ line: String) async throws -> [Message] {
    let emitted = Mutex<[Message]>([])
    switch session.begin(try Message(Array(line.utf8))) {
    case .nothing: return []
    case .answer(let message): return [message]
    case .work(let exchange):
      let answer = await exchange.run { message in emitted.withLock { $0.append(message) } }
      return emitted.withLock { $0 } + (answer.map { [$0] } ?? [])
    }
  }

  @discardableResult
  func initialize(_ version: String = "2025-11-25") async throws -> Message? {
    try await send(
      #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"\#(version)"}}"#
    ).last
  }

  func request(_ method: String, _ params: String = "{}", id: String = "1") async throws
    -> [Message]
  {
    try await send(#"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params)}"#)
  }

  func end() async {
    await session.end()
    await core.close()
    #expect(fleet.running.isEmpty, "no server may be left")
  }
}

extension Message {
  var result: JSONText? { if case .result(_, let result) = self { result } else { nil } }
  var error: RPCError? { if case .failure(_, let error) = self { error } else { nil } }
  func isNotification(_ method: String) -> Bool {
    if case .notification(method, _) = self { true } else { false }
  }
}
