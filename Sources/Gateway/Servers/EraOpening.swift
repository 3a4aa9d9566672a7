import Wire

/// Finds the era in which a server can be spoken to, and opens the conversation.
///
/// The client's own era is tried first: then almost nothing has to be translated, and a server of
/// either era answers the clients of that era as it would directly. What a server does not speak is
/// found out once.
struct EraOpening: Sendable {
  /// How long a server that communicates over stdio may be silent about `server/discover`. Old ones
  /// may ignore what they do not know; slow ones may not have begun to read.
  private static let patience = Duration.seconds(5)

  let server: PlannedServer
  let tenant: Tenant
  let eras: ServerEras
  let limit: Duration
  /// Starts an instance, or connects to one.
  let connect: @Sendable () async throws -> MCPConnection

  /// On any failure nothing remains, and the fault says why in the server's own words where there are
  /// any.
  func run() async throws -> (MCPConnection, ServerHandshake.Hello) {
    let era = server.era ?? eras.era(of: server, preferring: tenant.era)
    let connection = try await connect()
    do {
      return (connection, try await greet(era, on: connection))
    } catch {
      guard isPerhapsOfTheOtherEra(error, era) else { throw await fail(error, connection) }
      return try await fallBack(to: era.other, after: error, connection)
    }
  }

  private func greet(
    _ era: ProtocolEra, on connection: MCPConnection
  ) async throws -> ServerHandshake.Hello {
    let isProbe = era == .stateless && server.era == nil && eras.era(of: server) != .stateless
    return try await ServerHandshake.perform(
      era, on: connection, within: isProbe ? min(limit, Self.patience) : limit)
  }

  private func fallBack(
    to era: ProtocolEra, after first: any Error, _ tried: MCPConnection
  ) async throws -> (MCPConnection, ServerHandshake.Hello) {
    var connection = tried
    if !connection.isOpen {
      await connection.close()
      connection = try await connect()
    }
    do {
      let hello = try await greet(era, on: connection)
      eras.remember(era, of: server)
      return (connection, hello)
    } catch let refusal as RPCError where refusal.code == RPCError.Code.unsupportedVersion.rawValue
    {
      // It had only been slow: the answer to our first question came while we asked the second.
      do { return (connection, try await greet(era.other, on: connection)) } catch {
        throw await fail(error, connection)
      }
    } catch {
      // What it says to a client of its own era is what its operator should read.
      throw await fail(era == .handshake ? error : first, connection)
    }
  }

  /// Whether a server that answered so may speak the other era. An outage says nothing about eras;
  /// `initialize` that failed because the server did not start is not tried in another way.
  private func isPerhapsOfTheOtherEra(_ error: any Error, _ era: ProtocolEra) -> Bool {
    guard server.era == nil else { return false }
    switch error {
    case let error as RPCError:
      return error.data?["fault"] == nil || error.data?["retryable"]?.bool == false
    case let fault as Fault where era == .stateless:
      return [.timeout, .serverGone, .protocolViolation].contains(fault.kind)
        && (fault.kind == .protocolViolation || !isRemote)
    case let fault as Fault: return isRemote && fault.kind == .remote && !fault.isRetryable
    default: return false
    }
  }

  private var isRemote: Bool {
    if case .remote = server.carrier { true } else { false }
  }

  private func fail(_ error: any Error, _ connection: MCPConnection) async -> Fault {
    let reason = await Self.describe(error, connection)
    await connection.close()
    return reason
  }

  private static func describe(_ error: any Error, _ connection: MCPConnection) async -> Fault {
    let details = await connection.diagnosis()
    let suffix = details.isEmpty ? "" : ": \(details)"
    switch error {
    case let fault as Fault where fault.kind == .cancelled: return fault
    case let fault as Fault where fault.kind == .timeout:
      return Fault(
        .serverStart, from: .server,
        "\(connection.server) did not answer initialize in time\(suffix)", isRetryable: true)
    case let fault as Fault:
      return Fault(
        .serverStart, from: fault.source,
        "\(connection.server) did not start: \(fault.message)", isRetryable: fault.isRetryable)
    // What went wrong with one request over HTTP.
    case let error as RPCError where error.data?["fault"] != nil:
      return Fault(
        .serverStart, from: .server, "\(connection.server) did not start: \(error.message)",
        isRetryable: error.data?["retryable"]?.bool == true)
    case let error as RPCError:
      return Fault(
        .serverStart, from: .server,
        "\(connection.server) refused initialize (error \(error.code))\(suffix)")
    default:
      return Fault(.serverStart, from: .server, "\(connection.server) did not start\(suffix)")
    }
  }
}
