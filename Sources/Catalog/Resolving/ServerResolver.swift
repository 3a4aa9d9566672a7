import Wire
import YAML

/// What became of a definition: a server that can run, or the reasons why not.
enum ServerResolution: Sendable {
  case usable(ResolvedServer, warnings: [Problem])
  case unusable(UnusableServer)
}

/// Puts the operator's values into definitions.
struct ServerResolver: Sendable {
  /// The sections of config.yaml by server name.
  let sections: [String: JSONText]
  let secrets: SecretChain
  let grants: VolumeGrants
  let workingFolder: String
  let homeFolder: String?

  func resolve(_ definition: ServerDefinition) async -> ServerResolution {
    var report = ServerReport(definition)
    let bound = await bind(definition.secrets, &report)
    let kind = kind(of: definition, bound, &report)
    if definition.oauth != nil {
      report.add(.warning, "oauth is not supported", hint: "pass a token as a secret")
    }
    guard !report.problems.hasErrors else {
      return .unusable(UnusableServer(name: definition.name, problems: report.problems))
    }
    let named = bound.map { NamedSecret(name: $0.secretName, value: $0.value) }
    let server = ResolvedServer(definition: definition, kind: kind, secrets: named.withoutRepeats)
    return .usable(server, warnings: report.problems)
  }

  private func kind(
    of definition: ServerDefinition, _ secrets: [BoundSecret], _ report: inout ServerReport
  ) -> ResolvedServer.Kind {
    switch definition.kind {
    case .container(let server):
      let resolver = ContainerResolver(
        values: values(for: definition.name), secrets: secrets, rules: rules(for: definition))
      return .container(resolver.recipe(for: server, &report))
    case .remote(let server): return .remote(remote(server, secrets, &report))
    case .containerTools(let tools):
      let rules = rules(for: definition)
      return .containerTools(tools.map { ContainerToolRecipe(tool: $0, volumeRules: rules) })
    }
  }

  /// Templates see the server's own section only, under its name with dots made underscores.
  private func values(for name: String) -> JSONText {
    let key = String(name.map { $0 == "." ? "_" : $0 })
    return JSONText(object: [(key, sections[name] ?? .emptyObject)])
  }

  private func rules(for definition: ServerDefinition) -> VolumeRules {
    let isTrusted = if case .localFile = definition.origin { true } else { false }
    return VolumeRules(
      grants: grants, isTrusted: isTrusted, workingFolder: workingFolder, homeFolder: homeFolder)
  }

  /// A secret that no source has leaves its variable unset; the server may do without.
  private func bind(
    _ bindings: [SecretBinding], _ report: inout ServerReport
  ) async -> [BoundSecret] {
    var bound: [BoundSecret] = []
    for binding in bindings {
      let (secret, problems) = await secrets.look(up: binding.secretName)
      for problem in problems where !report.problems.contains(problem) { report.add(problem) }
      if let secret, secret.exposed.utf8.contains(0) {
        report.add(.error, "the secret \(binding.secretName.forMessage) holds a NUL character")
      } else if let secret {
        bound.append(BoundSecret(binding: binding, value: secret))
      } else {
        report.add(
          .warning,
          """
          no source has the secret \(binding.secretName.forMessage); \
          \(binding.environmentVariable) is not set
          """, hint: "add a line \(binding.secretName)=… to a file given with --secrets")
      }
    }
    return bound
  }

  private func remote(
    _ server: RemoteServer, _ secrets: [BoundSecret], _ report: inout ServerReport
  ) -> RemoteRecipe {
    let variables = secrets.variables
    var headers: [NamedText] = []
    for header in server.headers {
      let value = header.value.resolved(with: variables)
      // A line break would add headers of its own; so would a NUL for some servers.
      guard value.exposed.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
        report.add(.error, "the header \(header.name) would hold a control character")
        continue
      }
      if !value.exposed.isEmpty { headers.append(NamedText(name: header.name, value: value)) }
    }
    return RemoteRecipe(url: server.url, transport: server.transport, headers: headers)
  }
}

/// A declared secret and its value.
struct BoundSecret: Sendable, Hashable {
  var binding: SecretBinding
  var value: Secret

  var secretName: String { binding.secretName }
}

extension [BoundSecret] {
  /// By the names of their environment variables.
  var variables: [String: ResolvedText] {
    reduce(into: [:]) { $0[$1.binding.environmentVariable] = .secret($1.value) }
  }
}

extension [NamedSecret] {
  /// One secret may fill several variables.
  fileprivate var withoutRepeats: [NamedSecret] {
    var seen: Set<NamedSecret> = []
    return filter { seen.insert($0).inserted }
  }
}

/// Collects what is wrong with one server; places are those of its definition.
struct ServerReport {
  private let source: String
  private let line: Int?
  private let server: String
  private(set) var problems: [Problem] = []

  init(_ definition: ServerDefinition) {
    server = definition.name
    switch definition.origin {
    case .localFile(let path, let line): (source, self.line) = (path, line)
    case .fetched(let url, let line): (source, self.line) = (url, line)
    case .image(let reference): (source, line) = (reference, nil)
    }
  }

  mutating func add(_ severity: Problem.Severity, _ message: String, hint: String? = nil) {
    problems.append(
      Problem(
        severity, source: source, line: line, "server \(server.forMessage): \(message)", hint: hint)
    )
  }

  mutating func add(_ problem: Problem) { problems.append(problem) }
}
