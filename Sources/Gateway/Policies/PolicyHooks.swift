import Catalog
import Interceptors
import NIOSSL
import Policy
import Wire

/// Makes hooks of what policy files say of them: finds the secrets that the files only name.
struct PolicyHooks: Sendable {
  private static let largestFile = 256 << 10

  private(set) var hooks: [Hook] = []
  private(set) var problems: [Problem] = []
  /// Files of secrets and certificates, as they were when they were read.
  private(set) var watched: [WatchedFile] = []
  private let variables: [String: String]

  /// - Parameter variables: the gateway's environment.
  init(_ rules: [HookRule], variables: [String: String]) {
    self.variables = variables
    for rule in rules {
      let before = problems.count
      let hook = hook(rule)
      // A hook with a flaw is not used, nor anything else then.
      if !problems[before...].contains(where: { $0.severity == .error }) { hooks.append(hook) }
    }
  }

  private mutating func hook(_ rule: HookRule) -> Hook {
    var hook = Hook(
      name: rule.name, spec: spec(rule), binding: rule.binding, timeout: rule.timeout,
      onError: rule.onError, grants: grants(rule))
    switch rule.kind {
    case .exec(let exec):
      if case .program(let words) = exec.command { hook.command = words }
      hook.isPersistent = exec.isPersistent
    case .http(let http): hook.http = options(http, rule)
    case .docker(let docker):
      hook.command = [docker.image] + docker.arguments
      hook.isWarm = docker.isWarm
    }
    return hook
  }

  private func spec(_ rule: HookRule) -> HookSpec {
    switch rule.kind {
    case .exec(let exec):
      switch exec.command {
      case .shell(let line): HookSpec(rule.when, .exec, line)
      case .program(let words): HookSpec(rule.when, .exec, words.joined(separator: " "))
      }
    case .http(let http): HookSpec(rule.when, .http, http.url)
    case .docker(let docker): HookSpec(rule.when, .docker, docker.image)
    }
  }

  private mutating func grants(_ rule: HookRule) -> HookGrants {
    var environment: [String: String] = [:]
    for name in rule.grants.environment {
      guard let value = variables[name] else {
        problems.append(
          rule.place.problem(
            "\(name) is granted to hook \(rule.name), but not set in the gateway's environment",
            as: .warning))
        continue
      }
      environment[name] = value
    }
    return HookGrants(
      readablePaths: rule.grants.readPaths, writablePaths: rule.grants.writePaths,
      network: rule.grants.network, environment: environment, secrets: rule.grants.secretValues)
  }

  // MARK: http

  private mutating func options(_ http: HTTPHook, _ rule: HookRule) -> HTTPHookOptions {
    checkURL(http.url, rule)
    var options = HTTPHookOptions()
    options.trustedCertificates = http.caFile.flatMap { certificates($0, rule) }
    options.signingKey = http.hmacKey.flatMap { value($0, rule) }
    if let key = options.signingKey, key.exposed.utf8.count < RequestSignature.shortestKey {
      problems.append(
        rule.place.problem(
          "the hmac-key of hook \(rule.name) has fewer than \(RequestSignature.shortestKey) bytes",
          hint: "make one with: openssl rand -hex 32"))
    }
    for header in http.headers {
      guard let value = value(header.value, rule) else { continue }
      guard value.exposed.utf8.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0x09 }) else {
        problems.append(
          rule.place.problem(
            "the value for \(header.name) of hook \(rule.name) holds a character that no header can "
              + "have"))
        continue
      }
      options.headers.append(.init(name: header.name, value: value))
    }
    return options
  }

  private mutating func checkURL(_ url: String, _ rule: HookRule) {
    do throws(RemoteURL.Flaw) {
      guard try HookEndpoint(url).isReadableOnTheWay else { return }
      problems.append(
        rule.place.problem(
          "calls travel to hook \(rule.name) unencrypted", as: .warning, hint: "use https"))
    } catch {
      problems.append(rule.place.problem("hook \(rule.name): \(error)"))
    }
  }

  private mutating func certificates(_ path: String, _ rule: HookRule) -> [UInt8]? {
    watched.append(WatchedFile(path))
    do throws(Problem) {
      guard let bytes = try OwnFile.readPublic(path, maximumBytes: Self.largestFile) else {
        throw rule.place.problem("there is no file \(path), the ca-file of hook \(rule.name)")
      }
      let found = (try? NIOSSLCertificate.fromPEMBytes(bytes)) ?? []
      guard !found.isEmpty else {
        throw Problem(source: path, "holds no certificates in PEM")
      }
      return bytes
    } catch {
      problems.append(error)
      return nil
    }
  }

  // MARK: Secrets

  private mutating func value(_ source: ValueSource, _ rule: HookRule) -> Secret? {
    switch source {
    case .environment(let name):
      if let value = variables[name], !value.isEmpty { return Secret(value) }
      problems.append(
        rule.place.problem(
          "hook \(rule.name) needs \(name), which is not set in the gateway's environment"))
      return nil
    case .file(let path):
      watched.append(WatchedFile(path))
      do throws(Problem) { return try secret(path, rule) } catch {
        problems.append(error)
        return nil
      }
    }
  }

  /// The text of a file without its last line break, which editors add and nobody means.
  private func secret(_ path: String, _ rule: HookRule) throws(Problem) -> Secret {
    guard let bytes = try OwnFile.readPrivate(path, maximumBytes: Self.largestFile) else {
      throw rule.place.problem("there is no file \(path), which hook \(rule.name) needs")
    }
    guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
      throw Problem(source: path, "is not UTF-8 text")
    }
    let bare = text.hasSuffix("\n") || text.hasSuffix("\r\n") ? String(text.dropLast()) : text
    guard !bare.isEmpty else { throw Problem(source: path, "is empty") }
    return Secret(bare)
  }
}
