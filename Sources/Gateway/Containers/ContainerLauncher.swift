import Catalog
import ContainerEngine
import Synchronization
import Wire

/// Starts the containers of servers and container tools, all by the same hardened specification.
struct ContainerLauncher: Sendable {
  let engine: Engine
  let images: ImageStore
  let owner: GatewayOwner
  /// Bounds how many containers are being started at once: an engine that is asked for many starts
  /// each of them later, and none of them can be called off.
  let launches: ContainerSlots
  let startTimeout: Duration
  let cpus: Double
  let memory: Int64
  /// `--keep`: containers stay after their end, for people to look at.
  let keepsContainers: Bool
  /// The networks of the gateway's own container, which its servers join; nil outside of one.
  let ownNetworks: @Sendable () async throws -> [String]?
  /// Gets the lines that servers write to stderr (`--verbose`).
  var onStderr: (@Sendable (_ server: String, _ line: String) -> Void)?
  /// Of one container; what it writes beyond them is not told.
  var mostStderrLines = Int.max

  /// What a server or a tool asks of its container.
  struct Order: Sendable {
    var server: String
    /// For the label: the server, or the tool of a container tool.
    var name: String
    /// For the label: what it is to the gateway.
    var kind = "mcp"
    var image: String
    var command: [String]
    var environment: [String: String] = [:]
    var mounts: [Mount] = []
    var user: String?
    var isNetworkDisabled = false
    var extraHosts: [Catalog.ExtraHost] = []
    var hasReadOnlyRoot = false
    var hasInput = true
    var session: String?
  }

  /// Starts a container and attaches to it. Throws a ``Fault`` that says what failed; then nothing
  /// remains.
  func launch(_ order: Order) async throws -> LaunchedContainer {
    let image = try await images.image(order.image)
    let spec = try await specification(order, image.id)
    let launch = try await launches.acquire(.call, within: startTimeout)
    defer { launch.release() }
    var onLine: (@Sendable (String) -> Void)?
    if let onStderr {
      let lines = LineAllowance(mostStderrLines)
      onLine = { if lines.takes() { onStderr(order.server, $0) } }
    }
    do {
      return try await LaunchedContainer.launch(spec, on: engine, onStderrLine: onLine)
    } catch let error as EngineError {
      throw Fault(
        error.kind == .unreachable ? .engine : .serverStart, from: .engine,
        "\(order.server): \(error)", isRetryable: error.kind == .unreachable)
    } catch is CancellationError {
      throw Fault(.cancelled, from: .client, "the start of \(order.server) was cancelled")
    }
  }

  private func specification(_ order: Order, _ imageID: String) async throws -> ContainerSpec {
    var spec = ContainerSpec.hardened(
      image: imageID, command: order.command, cpus: cpus, memory: memory,
      readOnlyRoot: order.hasReadOnlyRoot)
    spec.environment = order.environment
    spec.user = order.user
    spec.mounts = order.mounts.map(ContainerMount.init)
    spec.extraHosts = order.extraHosts.map { .init(name: $0.name, address: $0.address) }
    spec.hasInput = order.hasInput
    spec.isRemovedAfterExit = !keepsContainers
    spec.network = .none
    if !order.isNetworkDisabled {
      spec.network = try await ownNetworks().map { .named($0) } ?? .engineDefault
    }
    spec.labels = [
      "docker-mcp": "true", "docker-mcp-tool-type": order.kind, "docker-mcp-name": order.name,
      "docker-mcp-transport": "stdio",
    ].merging(owner.labels) { $1 }
    if keepsContainers { spec.labels[GatewayOwner.keepLabel] = "true" }
    spec.labels["docker-mcp-session"] = order.session.map { String($0.prefix(8)) }
    return spec
  }
}

/// How many lines may still be told.
private final class LineAllowance: Sendable {
  private let left: Atomic<Int>

  init(_ lines: Int) { left = Atomic(lines) }

  func takes() -> Bool {
    left.load(ordering: .relaxed) > 0 && left.subtract(1, ordering: .relaxed).oldValue > 0
  }
}

extension ContainerLauncher.Order {
  init(_ server: PlannedServer, _ recipe: ContainerRecipe, session: String?) {
    self.init(
      server: server.name, name: server.name, image: recipe.image,
      command: recipe.command.map(\.exposed))
    environment = Dictionary(
      recipe.environment.map { ($0.name, $0.value.exposed) }, uniquingKeysWith: { $1 })
    mounts = recipe.mounts
    user = recipe.user
    isNetworkDisabled = recipe.isNetworkDisabled
    extraHosts = recipe.extraHosts
    hasReadOnlyRoot = recipe.hasReadOnlyRoot
    self.session = session
  }
}

extension ContainerMount {
  fileprivate init(_ mount: Mount) {
    let source: Source =
      switch mount.source {
      case .hostPath(let path): .bind(path)
      case .namedVolume(let name): .volume(name)
      case .anonymousVolume: .anonymousVolume
      }
    self.init(source, target: mount.target, isReadOnly: !mount.isWritable)
  }
}
