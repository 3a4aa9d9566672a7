import Authorization
import Catalog
import Glibc
import Wire

/// By what clients over HTTP prove who they are: read at the start, and again when a file changes.
struct ClientCredentials: Sendable {
  let authenticator: Authenticator
  private let tokens: (path: String, inForce: NamedTokens)?
  private let keys: (path: String, inForce: IssuerKeys)?
  /// What an operator must tell clients.
  private let advice: [String]
  private let watched: [WatchedFile]

  /// Nil where a problem is an error.
  static func read(
    _ settings: Settings, _ connector: RemoteConnector, _ console: Console
  ) async -> (credentials: ClientCredentials?, problems: [Problem]) {
    guard settings.transport != .stdio, !settings.allowUnauthenticated else {
      return (ClientCredentials(), [])
    }
    var reader = Reader(settings: settings, connector: connector, console: console)
    await reader.read()
    guard !reader.problems.hasErrors else { return (nil, reader.problems) }
    return (ClientCredentials(reader), reader.problems)
  }

  private init() {
    authenticator = .allowUnauthenticated
    tokens = nil
    keys = nil
    advice = []
    watched = []
  }

  private init(_ reader: Reader) {
    authenticator = Authenticator(
      shared: reader.shared, named: reader.tokens?.inForce, accessTokens: reader.accessTokens)
    tokens = reader.tokens
    keys = reader.keys
    advice = reader.advice
    watched = reader.watched
  }

  func announce(_ console: Console) { for line in advice { console.line(line) } }

  /// Follows the files until the task is cancelled. A file that is wrong, or gone, changes nothing:
  /// whom it let in before, it lets in still.
  func follow(_ console: Console) async {
    var files = watched
    while !files.isEmpty {
      let outcome = await FileWatcher(files).change()
      guard outcome == .changed else {
        if case .failed(let error) = outcome {
          let reason = unsafe String(cString: strerror(error))
          console.line("! Credentials cannot be watched (\(reason)): changes count after a restart")
        }
        return
      }
      files = files.map { WatchedFile($0.path) }
      await readAgain(console)
    }
  }

  private func readAgain(_ console: Console) async {
    if let tokens {
      let (file, problems) = Reader.tokenFile(tokens.path)
      report(problems, tokens.path, console)
      if let file { tokens.inForce.replace(with: file) }
    }
    if let keys {
      do throws(Problem) { keys.inForce.replace(try await Reader.keyFile(keys.path)) } catch {
        report([error], keys.path, console)
      }
    }
  }

  private func report(_ problems: [Problem], _ path: String, _ console: Console) {
    for problem in problems { console.line(problem.description) }
    console.line(
      problems.hasErrors
        ? "! \(PrintableText(path)) is not used as it is now; what it said before stays in force"
        : "> \(PrintableText(path)) was read")
  }
}

extension ClientCredentials {
  private struct Reader {
    let settings: Settings
    let connector: RemoteConnector
    let console: Console
    var shared: BearerToken?
    var tokens: (path: String, inForce: NamedTokens)?
    var keys: (path: String, inForce: IssuerKeys)?
    var accessTokens: AccessTokens?
    var advice: [String] = []
    /// As the files were before they were read.
    var watched: [WatchedFile] = []
    var problems: [Problem] = []

    init(settings: Settings, connector: RemoteConnector, console: Console) {
      self.settings = settings
      self.connector = connector
      self.console = console
    }

    mutating func read() async {
      if let path = settings.authTokensFile { readTokens(path) }
      if let oauth = settings.oauth { await readOAuth(oauth) }
      readShared()
    }

    /// A token is made only where clients would have none otherwise.
    private mutating func readShared() {
      if let given = settings.authToken {
        shared = BearerToken(given)
        advice.append("- Clients need the token in MCP_GATEWAY_AUTH_TOKEN")
      } else if settings.authTokensFile == nil, settings.oauth == nil {
        let token = BearerToken.random()
        shared = token
        advice.append("- Clients need this header: Authorization: Bearer \(token.secret)")
      }
    }

    private mutating func readTokens(_ path: String) {
      watched.append(WatchedFile(path))
      let (file, found) = Self.tokenFile(path)
      problems += found
      guard let file else { return }
      tokens = (path, NamedTokens(file))
      let count = Set(file.entries.map(\.name)).count
      advice.append("- Clients need a token of \(PrintableText(path)): \(count) names")
    }

    private mutating func readOAuth(_ oauth: OAuthSettings) async {
      guard let resource = settings.publicURL else {
        return problems.append(Problem(source: "--public-url", "is missing"))
      }
      let server = ResourceServer(
        issuers: oauth.issuers, resource: resource, audiences: oauth.audiences,
        requiredScopes: oauth.requiredScopes)
      var keysByIssuer: [String: IssuerKeys] = [:]
      for issuer in oauth.issuers { keysByIssuer[issuer] = await issuerKeys(issuer, oauth.keys) }
      accessTokens = AccessTokens(server, keys: keysByIssuer)
      advice.append(
        "- Clients need an access token of \(oauth.issuers.joined(separator: " or ")) for "
          + server.audiences.joined(separator: " or "))
    }

    private mutating func issuerKeys(
      _ issuer: String, _ source: OAuthSettings.KeySource
    ) async -> IssuerKeys? {
      let url: String?
      switch source {
      case .file(let path):
        watched.append(WatchedFile(path))
        do throws(Problem) {
          let read = IssuerKeys(try await Self.keyFile(path))
          keys = (path, read)
          return read
        } catch {
          problems.append(error)
          return nil
        }
      case .url(let written): url = written
      case .discovered: url = nil
      }
      let discovery = IssuerDiscovery(issuer, keysURL: url, others: connector)
      return IssuerKeys { [console] reason in
        console.line("! The keys of \(issuer) cannot be had: \(PrintableText(reason, limit: 600))")
      } fetch: {
        try await discovery.keys()
      }
    }

    static func tokenFile(_ path: String) -> (file: TokenFile?, problems: [Problem]) {
      let bytes: [UInt8]
      do throws(Problem) {
        guard let read = try OwnFile.readPrivate(path, maximumBytes: TokenFile.largest) else {
          throw Problem(
            source: path, "there is no such file of tokens",
            hint: "make one with: gateway token create NAME --file '\(path)'")
        }
        bytes = read
      } catch { return (nil, [error]) }
      let (file, problems) = TokenFile.read(bytes, source: path)
      return (problems.hasErrors ? nil : file, problems)
    }

    static func keyFile(_ path: String) async throws(Problem) -> KeySet {
      guard let bytes = try OwnFile.readPublic(path, maximumBytes: KeySet.largest) else {
        throw Problem(source: path, "there is no such file of keys")
      }
      do throws(KeySet.Flaw) { return try await KeySet(bytes) } catch {
        throw Problem(source: path, "is no usable set of keys: \(error)")
      }
    }
  }
}
