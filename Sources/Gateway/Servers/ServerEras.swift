import Synchronization
import Wire

/// Which servers speak one era alone, as far as it was found out. A server that is asked in the era of
/// its client and answers is not here: it may speak the other one, too.
final class ServerEras: Sendable {
  /// Servers of many reloads; beyond it the next start finds out again.
  private static let most = 1_000

  private let only = Mutex<[PlannedServer: ProtocolEra]>([:])

  init() {}

  func era(of server: PlannedServer) -> ProtocolEra? { only.withLock { $0[server] } }

  func era(of server: PlannedServer, preferring era: ProtocolEra) -> ProtocolEra {
    self.era(of: server) ?? era
  }

  func remember(_ era: ProtocolEra, of server: PlannedServer) {
    only.withLock { only in
      if only.count >= Self.most { only = [:] }
      only[server] = era
    }
  }
}
