import Wire

/// A token for one scope of a registry.
struct RegistryToken: Sendable {
  let header: String
  let expiry: ContinuousClock.Instant

  private static let shortestLife: Int64 = 60
  /// A token is not used in the seconds before it expires.
  private static let margin = Duration.seconds(5)

  var isUsable: Bool { .now + Self.margin < expiry }

  init(header: String, lifetime: Duration) {
    self.header = header
    expiry = .now + lifetime
  }

  init(_ body: [UInt8]) throws(Rejection) {
    do throws(FormFlaw) {
      let object = try StrictObject(.strict(body, limit: 1 << 20), at: "", others: true)
      let token = try object.string(object.has("token") ? "token" : "access_token")
      // It goes into a header.
      guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
        throw object.flaw("holds a token that cannot be sent")
      }
      let seconds = object.has("expires_in") ? try object.integer("expires_in") : Self.shortestLife
      self.init(
        header: "Bearer \(token)",
        lifetime: .seconds(min(max(seconds, Self.shortestLife), 86_400)))
    } catch {
      throw Rejection(.registryAuth, "the answer to the request for a token: \(error)")
    }
  }
}

/// A request for a token, made from a challenge. The realm is named by the registry, so it is
/// believed only as far as the registry itself is.
struct TokenRequest: Sendable {
  let realm: String
  let service: String
  let scope: String

  init(
    _ challenge: Challenge, scope: String, registryIsInsecure: Bool
  ) throws(Rejection) {
    guard let realm = challenge.parameters["realm"], let url = try? RemoteURL(realm),
      url.scheme == .https || (registryIsInsecure && url.isLoopback)
    else {
      throw Rejection(
        .registryAuth, "the registry names no https address at which tokens are given")
    }
    self.realm = url.text
    service = challenge.parameters["service"] ?? ""
    self.scope = scope
  }

  func web(
    _ login: RegistryLogin?, reach: WebRequest.Reach, _ deadline: Deadline
  ) -> WebRequest {
    var request = WebRequest(realm, reach: reach, maximumBytes: 1 << 20, deadline: deadline)
    request.headers = [("Accept", "application/json")]
    if case .identityToken(let token) = login?.secret {
      request.method = .post
      request.headers.append(("Content-Type", "application/x-www-form-urlencoded"))
      request.body = Array(
        Self.form([
          ("grant_type", "refresh_token"), ("refresh_token", token), ("service", service),
          ("scope", scope), ("client_id", "mcp-gateway"),
        ]).utf8)
      return request
    }
    var fields = [("service", service), ("scope", scope)].filter { !$0.1.isEmpty }
    if case .password(let user, _) = login?.secret { fields.append(("account", user)) }
    request.url += (realm.contains("?") ? "&" : "?") + Self.form(fields)
    if let header = login?.basicHeader { request.headers.append(("Authorization", header)) }
    return request
  }

  private static func form(_ fields: [(String, String)]) -> String {
    fields.map { "\($0.0)=\(escaped($0.1))" }.joined(separator: "&")
  }

  private static func escaped(_ text: String) -> String {
    text.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        String(Unicode.Scalar(byte))
      default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }.joined()
  }
}
