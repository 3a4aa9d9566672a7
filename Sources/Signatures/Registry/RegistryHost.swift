/// What a registry says of itself when it is asked for nothing.
struct RegistryHost: Sendable {
  /// Scheme, host and port.
  let origin: String
  /// Nil where it asks for no login.
  let challenge: Challenge?
  let keepsSignatures: Bool
  let isPublic: Bool

  var isBearer: Bool { challenge?.scheme == "bearer" }

  static func find(
    _ domain: String, _ transport: any WebTransport, allowsInsecure: Bool,
    until deadline: Deadline
  ) async throws(Rejection) -> RegistryHost {
    var failure = Rejection(.registryUnreachable, "\(domain) has no address")
    for origin in RegistryEndpoint.origins(of: domain, allowsInsecure: allowsInsecure) {
      let answer: WebAnswer
      do throws(WebFailure) { answer = try await ping(origin, transport, deadline) } catch {
        failure = Rejection(error, asking: domain)
        guard error.kind == .unreachable else { throw failure }
        continue
      }
      return try host(origin, answer, domain)
    }
    throw failure
  }

  private static func ping(
    _ origin: String, _ transport: any WebTransport, _ deadline: Deadline
  ) async throws(WebFailure) -> WebAnswer {
    let request = WebRequest(
      origin + "/v2/", reach: .anywhere, maximumBytes: 1 << 20,
      deadline: deadline.within(RegistryClient.requestTime))
    return try await RedirectFollower(transport: transport).send(request)
  }

  private static func host(
    _ origin: String, _ answer: WebAnswer, _ domain: String
  ) throws(Rejection) -> RegistryHost {
    guard answer.status == 200 || answer.status == 401 else {
      throw Rejection(answer, asking: domain, for: "its version of the protocol")
    }
    let challenges = Challenge.all(in: answer.headers("WWW-Authenticate"))
    let known = ["bearer", "basic"].compactMap { scheme in
      challenges.first { $0.scheme == scheme }
    }
    return RegistryHost(
      origin: origin, challenge: answer.status == 401 ? known.first : nil,
      keepsSignatures: answer.header("X-Registry-Supports-Signatures") == "1",
      isPublic: answer.isPublic)
  }
}
