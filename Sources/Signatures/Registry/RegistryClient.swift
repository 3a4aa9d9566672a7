import Wire

/// Reads from registries by the distribution protocol. Everything that comes is untrusted: content
/// counts only if it has the digest under which it was asked for.
actor RegistryClient {
  private let transport: any WebTransport
  private let logins: RegistryLogins
  private let allowsInsecure: Bool
  private var hosts: [String: Task<Result<RegistryHost, Rejection>, Never>] = [:]
  private var tokens: [TokenKey: RegistryToken] = [:]

  /// Of one request; an image has a deadline of its own.
  static let requestTime = Duration.seconds(15)
  private static let mostRetries = 3
  private static let longestPause = 10

  private struct TokenKey: Hashable {
    let domain: String
    let scope: String
  }

  /// - Parameter allowsInsecure: plain http for registries on other machines than this one.
  init(transport: any WebTransport, logins: @escaping RegistryLogins, allowsInsecure: Bool) {
    self.transport = transport
    self.logins = logins
    self.allowsInsecure = allowsInsecure
  }

  // MARK: What can be asked

  /// The bytes of a manifest, by digest or else by tag; nil where there is none.
  func manifest(
    _ reference: ImageReference, until deadline: Deadline
  ) async throws(Rejection) -> ManifestBytes? {
    let name = reference.digest ?? reference.tag ?? "latest"
    let what = "manifest \(reference.path)@\(name)"
    let answer = try await get(
      reference, "/v2/\(reference.path)/manifests/\(name)",
      accept: ManifestDocument.accepted.joined(separator: ", "),
      limit: ManifestDocument.largest, deadline)
    guard let answer = try found(answer, reference, what) else { return nil }
    if let digest = reference.digest, ContentDigest(of: answer.body).description != digest {
      throw Rejection(
        .manifestMismatch,
        "\(reference.domain) answers bytes of the digest \(ContentDigest(of: answer.body)) when "
          + "asked for \(digest)")
    }
    return ManifestBytes(bytes: answer.body, contentType: answer.header("Content-Type"))
  }

  /// A blob of a known digest and size.
  func blob(
    _ descriptor: ManifestDocument.Descriptor, of repository: ImageReference, limit: Int,
    until deadline: Deadline
  ) async throws(Rejection) -> [UInt8] {
    let what = "blob \(descriptor.digest)"
    guard descriptor.size <= limit else {
      throw Rejection(.tooLarge, "the \(what) has \(descriptor.size) bytes; \(limit) are read")
    }
    let answer = try await get(
      repository, "/v2/\(repository.path)/blobs/\(descriptor.digest)", accept: "*/*",
      limit: limit, deadline)
    guard let answer = try found(answer, repository, what) else {
      throw Rejection(.registryError, "\(repository.domain) has no \(what), which it lists")
    }
    guard ContentDigest(of: answer.body) == descriptor.digest,
      answer.body.count == descriptor.size
    else {
      throw Rejection(.digestMismatch, "\(repository.domain) answers other bytes for the \(what)")
    }
    return answer.body
  }

  /// What refers to a manifest, of any kind; pages are followed on the same host only.
  func referrers(
    of digest: ContentDigest, in repository: ImageReference, until deadline: Deadline
  ) async throws(Rejection) -> [ManifestDocument.Descriptor] {
    var path: String? = "/v2/\(repository.path)/referrers/\(digest)"
    var all: [ManifestDocument.Descriptor] = []
    for page in 0..<Self.mostPages {
      guard let next = path else { return all }
      let answer = try await get(
        repository, next, accept: ManifestDocument.ociIndex, limit: ManifestDocument.largest,
        deadline)
      guard let answer = try found(answer, repository, "list of referrers") else {
        return page == 0 ? try await taggedReferrers(of: digest, in: repository, deadline) : all
      }
      all += try Self.entries(answer.body, answer.header("Content-Type"))
      path = Self.nextPage(answer)
    }
    throw Rejection(.tooMany, "\(repository.domain) lists more than \(Self.mostPages) pages")
  }

  private static let mostPages = 10

  /// A registry without the referrers API keeps the list under a tag.
  private func taggedReferrers(
    of digest: ContentDigest, in repository: ImageReference, _ deadline: Deadline
  ) async throws(Rejection) -> [ManifestDocument.Descriptor] {
    let tag: ImageReference
    do { tag = try ImageReference("\(repository.repository):sha256-\(digest.hex)") } catch {
      throw Rejection(.badReference, "\(error)")
    }
    guard let found = try await manifest(tag, until: deadline) else { return [] }
    return try Self.entries(found.bytes, found.contentType)
  }

  private static func entries(
    _ bytes: [UInt8], _ contentType: String?
  ) throws(Rejection) -> [ManifestDocument.Descriptor] {
    guard case .index(let entries) = try ManifestDocument(bytes, contentType: contentType).content
    else { throw Rejection(.registryError, "the list of referrers is not an index") }
    return entries
  }

  /// Only the path counts: another host has no say here.
  private static func nextPage(_ answer: WebAnswer) -> String? {
    for header in answer.headers("Link") where header.contains(#"rel="next""#) {
      guard let start = header.firstIndex(of: "<"), let end = header.firstIndex(of: ">"),
        start < end
      else { continue }
      let target = String(header[header.index(after: start)..<end])
      if target.hasPrefix("/") && !target.hasPrefix("//") { return target }
    }
    return nil
  }

  /// Whether the registry keeps simple signing signatures itself (X-Registry-Supports-Signatures).
  func keepsSignatures(
    _ reference: ImageReference, until deadline: Deadline
  ) async throws(Rejection) -> Bool {
    try await host(of: reference.domain, deadline).keepsSignatures
  }

  /// The answer of a registry that keeps signatures.
  func keptSignatures(
    of digest: ContentDigest, in repository: ImageReference, until deadline: Deadline
  ) async throws(Rejection) -> [UInt8] {
    let answer = try await get(
      repository, "/extensions/v2/\(repository.path)/signatures/\(digest)",
      accept: "application/json", limit: ManifestDocument.largest, deadline)
    guard answer.status == 200 else {
      throw Rejection(
        .registryError,
        "\(repository.domain) answers \(answer.status) when asked for the signatures it keeps")
    }
    return answer.body
  }

  // MARK: Requests

  private func found(
    _ answer: WebAnswer, _ reference: ImageReference, _ what: String
  ) throws(Rejection) -> WebAnswer? {
    if answer.status == 200 { return answer }
    let isMissing =
      answer.status == 404
      || (![401, 403].contains(answer.status) && RegistryErrors(answer).saysNotFound)
    if isMissing { return nil }
    throw Rejection(answer, asking: reference.domain, for: what)
  }

  private func get(
    _ repository: ImageReference, _ path: String, accept: String, limit: Int, _ deadline: Deadline
  ) async throws(Rejection) -> WebAnswer {
    let host = try await host(of: repository.domain, deadline)
    var scope = "repository:\(repository.path):pull"
    var hasRenewed = false
    var retries = 0
    while true {
      let header = try await authorization(repository.domain, host, scope, deadline)
      var request = WebRequest(
        host.origin + path, reach: .anywhere, maximumBytes: limit,
        deadline: deadline.within(Self.requestTime))
      request.headers = [("Accept", accept)]
      if let header { request.headers.append(("Authorization", header)) }
      let answer = try await send(request, repository.domain)
      switch answer.status {
      case 401 where !hasRenewed:
        hasRenewed = true
        tokens[TokenKey(domain: repository.domain, scope: scope)] = nil
        guard host.isBearer else { return answer }
        scope = Self.wantedScope(answer) ?? scope
      case 429 where retries < Self.mostRetries:
        retries += 1
        try await pause(answer, repository.domain, deadline)
      default: return answer
      }
    }
  }

  private static func wantedScope(_ answer: WebAnswer) -> String? {
    Challenge.all(in: answer.headers("WWW-Authenticate"))
      .first { $0.parameters["error"] == "insufficient_scope" }?.parameters["scope"]
  }

  private func pause(
    _ answer: WebAnswer, _ domain: String, _ deadline: Deadline
  ) async throws(Rejection) {
    let asked = answer.header("Retry-After").flatMap(Int.init) ?? 1
    let seconds = min(max(asked, 1), Self.longestPause)
    guard deadline.remaining > .seconds(seconds) else {
      throw Rejection(.registryError, "\(domain) asks to come back later (429)")
    }
    do { try await Task.sleep(for: .seconds(seconds)) } catch {
      throw Rejection(.timeout, "the verification was called off")
    }
  }

  private func send(_ request: WebRequest, _ domain: String) async throws(Rejection) -> WebAnswer {
    guard !request.deadline.isOver else {
      throw Rejection(.timeout, "no time is left to ask \(domain)")
    }
    do { return try await RedirectFollower(transport: transport).send(request) } catch {
      throw Rejection(error, asking: domain)
    }
  }

  // MARK: Hosts and tokens

  /// Asks a host once who it is; a failure is not remembered.
  private func host(
    of domain: String, _ deadline: Deadline
  ) async throws(Rejection) -> RegistryHost {
    let asking =
      hosts[domain]
      ?? Task { [transport, allowsInsecure] in
        do throws(Rejection) {
          return .success(
            try await RegistryHost.find(
              domain, transport, allowsInsecure: allowsInsecure, until: deadline))
        } catch { return .failure(error) }
      }
    hosts[domain] = asking
    let result = await asking.value
    if case .failure = result, hosts[domain] == asking { hosts[domain] = nil }
    return try result.get()
  }

  private func authorization(
    _ domain: String, _ host: RegistryHost, _ scope: String, _ deadline: Deadline
  ) async throws(Rejection) -> String? {
    guard let challenge = host.challenge else { return nil }
    let key = TokenKey(domain: domain, scope: scope)
    if let token = tokens[key], token.isUsable { return token.header }
    let login = try await login(domain)
    guard challenge.scheme == "bearer" else { return login?.basicHeader }
    let request = try TokenRequest(
      challenge, scope: scope, registryIsInsecure: host.origin.hasPrefix("http://"))
    // The realm is the registry's word: one on the internet does not get us to ask a neighbour.
    let web = request.web(
      login, reach: host.isPublic ? .publicAddresses : .anywhere,
      deadline.within(Self.requestTime))
    let answer: WebAnswer
    do { answer = try await transport.send(web) } catch {
      throw Rejection(error, asking: "the token service of \(domain)")
    }
    guard answer.status == 200 else {
      throw Rejection(
        .registryAuth, "the token service of \(domain) answers \(answer.status)",
        hint: "log in with docker login \(domain)")
    }
    let token = try RegistryToken(answer.body)
    tokens[key] = token
    return token.header
  }

  private func login(_ domain: String) async throws(Rejection) -> RegistryLogin? {
    do { return try await logins(domain) } catch {
      throw Rejection(.registryAuth, "the login for \(domain) cannot be read: \(error)")
    }
  }
}

/// A manifest as it came.
struct ManifestBytes: Sendable, Hashable {
  let bytes: [UInt8]
  let contentType: String?
}
