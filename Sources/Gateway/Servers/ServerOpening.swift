import Catalog
import Wire

/// Opens channels to servers, whatever carries them.
struct ServerOpening: Sendable {
  /// Nil where no server takes a container.
  let launcher: ContainerLauncher?
  let connector: RemoteConnector

  func open(_ server: PlannedServer, _ session: String?) async throws -> any MessageChannel {
    switch server.carrier {
    case .container(let recipe):
      guard let launcher else {
        throw Fault(.engine, from: .gateway, "\(server.name) needs a container engine")
      }
      let container = try await launcher.launch(.init(server, recipe, session: session))
      return ContainerChannel(container, server: server.name)
    case .remote(let recipe): return try await open(recipe, server.name)
    case .bridge(let host, let port):
      return try await TCPChannel.connect(server: server.name, host: host, port: port)
    case .containerTools:
      throw Fault(.protocolViolation, from: .gateway, "\(server.name) has no server to connect to")
    }
  }

  private func open(_ recipe: RemoteRecipe, _ name: String) async throws -> any MessageChannel {
    let server: RemoteServer
    do {
      let headers = Dictionary(
        recipe.headers.map { ($0.name, $0.value.exposed) }, uniquingKeysWith: { $1 })
      server = RemoteServer(
        name: name, url: try RemoteURL(recipe.url),
        headers: try RemoteHeaders(headers, source: name))
    } catch let flaw as RemoteURL.Flaw {
      throw Fault(.remote, from: .gateway, "\(name): its URL cannot be used: \(flaw)")
    } catch let problem as Problem {
      throw Fault(.remote, from: .gateway, problem.message)
    }
    switch recipe.transport {
    case .streamableHTTP: return try await StreamableHTTPChannel.open(server, through: connector)
    case .sse: return try await SSEChannel.open(server, through: connector)
    }
  }
}
