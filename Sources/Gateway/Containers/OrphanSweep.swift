import ContainerEngine
import Wire

/// Removes what gateways left behind that died without a chance to clean up.
struct OrphanSweep: Sendable {
  let engine: Engine
  let viewer: GatewayOwner
  let log: @Sendable (String) -> Void

  /// Containers of owners that are certainly gone are removed. Others are left alone: another
  /// gateway on the same engine needs them.
  func run() async throws {
    let containers = try await engine.list(labels: [
      "docker-mcp": "true", GatewayOwner.label: nil,
    ])
    var removed = 0
    for container in containers {
      do {
        guard try await isOrphan(container) else { continue }
        if container.labels[GatewayOwner.keepLabel] == nil {
          try await engine.remove(container.id, force: true)
        } else {
          // `--keep`: to be looked at, not to go on running for nobody.
          guard container.state == "running" else { continue }
          try await engine.kill(container.id)
        }
        removed += 1
      } catch let error as EngineError where error.kind != .unreachable {
        // One that cannot be removed, or that is being removed already, must not keep the others.
        log("! A left-over container was not removed: \(PrintableText("\(error)"))")
      }
    }
    if removed > 0 { log("- Ended \(removed) containers of a gateway that is gone") }
  }

  private func isOrphan(_ container: ContainerSummary) async throws -> Bool {
    guard let owner = GatewayOwner(labels: container.labels) else { return false }
    switch owner.life(
      seenBy: viewer, startTime: ProcessFiles.startTime, exists: ProcessFiles.exists)
    {
    case .alive: return false
    case .gone: return true
    case .asItsContainer(let id):
      do { return try await !engine.inspect(ContainerID(id)).isRunning } catch let error
        as EngineError where error.kind == .notFound
      { return true }
    case .unknown:
      // After a reboot of the engine's machine nothing runs; what another machine uses does, or is
      // about to: its containers are "created" for a moment before they are started.
      return ["exited", "dead"].contains(container.state) && owner.boot != viewer.boot
    }
  }
}
