import Catalog
import Wire

/// One enabled server and how this gateway runs it. Two plans agree on a server exactly if these are
/// equal: then a reload leaves it alone.
struct PlannedServer: Sendable, Hashable {
  /// How long one instance serves.
  enum Lifetime: Sendable, Hashable {
    /// One call, then it is thrown away.
    case call
    /// One client session.
    case session
    /// No server at all: each of its tools is a container that runs once.
    case tool
  }

  /// What carries messages to it.
  enum Carrier: Sendable, Hashable {
    case container(ContainerRecipe)
    case remote(RemoteRecipe)
    case containerTools([ContainerToolRecipe])
    /// A server that somebody else runs and that speaks MCP on a TCP port (`--static`).
    case bridge(host: String, port: Int)
  }

  let name: String
  let carrier: Carrier
  let lifetime: Lifetime
  let secrets: [NamedSecret]
  /// The only era in which it is spoken to; nil: found out.
  let era: ProtocolEra?

  init(_ resolved: ResolvedServer, isStatic: Bool, allLongLived: Bool) {
    name = resolved.name
    secrets = resolved.secrets
    era = resolved.definition.era
    switch resolved.kind {
    case .container where isStatic:
      carrier = .bridge(host: "mcp-\(resolved.name)", port: Self.bridgePort)
      lifetime = .session
    case .container(let recipe):
      carrier = .container(recipe)
      lifetime = recipe.isLongLived || allLongLived ? .session : .call
    case .remote(let recipe):
      carrier = .remote(recipe)
      lifetime = .session
    case .containerTools(let tools):
      carrier = .containerTools(tools)
      lifetime = .tool
    }
  }

  /// Where Docker's bridge program listens in the services of a compose file.
  private static let bridgePort = 4444

  var usesContainer: Bool {
    if case .container = carrier { true } else { false }
  }

  /// The images that it runs; none for servers that run elsewhere.
  var images: [String] {
    switch carrier {
    case .container(let recipe): [recipe.image]
    case .containerTools(let tools): tools.map(\.tool.image)
    case .remote, .bridge: []
    }
  }

  /// For people: what is run or reached. No values, no query of a URL.
  var summary: String {
    switch carrier {
    case .container(let recipe):
      let command = recipe.command.map(\.description).joined(separator: " ")
      return command.isEmpty ? "\(name): \(recipe.image)" : "\(name): \(recipe.image) \(command)"
    case .remote(let recipe): return "\(name): remote \(recipe.url.prefix { $0 != "?" })"
    case .containerTools(let tools): return "\(name): \(tools.count) container tools"
    case .bridge(let host, let port): return "\(name): \(host):\(port)"
    }
  }
}
