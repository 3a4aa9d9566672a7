import Synchronization
import Wire

@testable import Catalog
@testable import Gateway

/// Starts fake servers in the place of containers and remembers them.
final class FakeFleet: Sendable {
  private struct State {
    var started: [FakeServer] = []
    var opens = 0
    var make: @Sendable (_ name: String, _ number: Int) async throws -> FakeServer = { name, _ in
      FakeServer(name)
    }
  }
  private let state = Mutex(State())
  let slots: ContainerSlots
  let farewells = Farewells()

  init(slots: Int = 64) {
    self.slots = ContainerSlots(limit: slots, rule: "max-containers", whenFull: "all in use")
  }

  /// How a server comes to be: its name, and how many were opened before it.
  func make(_ make: @escaping @Sendable (String, Int) async throws -> FakeServer) {
    state.withLock { $0.make = make }
  }

  var started: [FakeServer] { state.withLock { $0.started } }
  var opens: Int { state.withLock { $0.opens } }
  var running: [FakeServer] { started.filter { !$0.isClosed } }

  func starter(timeout: Duration = .seconds(5)) -> ServerStarter {
    ServerStarter(
      open: { [self] server, _ in
        let (make, number) = state.withLock { state in
          defer { state.opens += 1 }
          return (state.make, state.opens)
        }
        let fake = try await make(server.name, number)
        state.withLock { $0.started.append(fake) }
        return fake
      }, slots: slots, farewells: farewells, startTimeout: timeout)
  }
}

extension PlannedServer {
  /// A server in a container, as a plan has it.
  static func fake(
    _ name: String = "s", image: String = "i", isLongLived: Bool = false, era: ProtocolEra? = nil
  ) -> PlannedServer {
    let definition = ServerDefinition(
      name: name, origin: .localFile(path: "c.yaml", line: 1), kind: .containerTools([]),
      secrets: [], tools: [], configSchemas: [], details: [], era: era)
    let recipe = ContainerRecipe(
      image: image, command: [], environment: [], mounts: [], user: nil, isNetworkDisabled: false,
      allowedHosts: [], extraHosts: [], isLongLived: isLongLived, hasReadOnlyRoot: false)
    return PlannedServer(
      ResolvedServer(definition: definition, kind: .container(recipe), secrets: []),
      isStatic: false, allLongLived: false)
  }

  /// A server behind streamable HTTP on loopback.
  static func remoteFake(_ name: String = "s", port: Int) -> PlannedServer {
    let definition = ServerDefinition(
      name: name, origin: .localFile(path: "c.yaml", line: 1), kind: .containerTools([]),
      secrets: [], tools: [], configSchemas: [], details: [])
    let recipe = RemoteRecipe(
      url: "http://127.0.0.1:\(port)/mcp", transport: .streamableHTTP, headers: [])
    return PlannedServer(
      ResolvedServer(definition: definition, kind: .remote(recipe), secrets: []),
      isStatic: false, allLongLived: false)
  }
}
