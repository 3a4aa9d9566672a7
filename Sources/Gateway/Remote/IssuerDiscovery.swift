import Authorization
import Catalog
import Wire

/// Finds the public keys of an authorization server: from its metadata (RFC 8414, OpenID Connect
/// Discovery) to the `jwks_uri`, or straight from a URL that the operator named.
///
/// The operator's word for an issuer opens the way to that one origin, wherever it is; a `jwks_uri`
/// elsewhere is the issuer's word and must be a public https address.
struct IssuerDiscovery: Sendable {
  private let issuer: String
  private let keysURL: String?
  private let named: CatalogFetcher
  private let others: CatalogFetcher

  private static var limits: CatalogFetcher.Limits {
    var limits = CatalogFetcher.Limits()
    limits.bytes = KeySet.largest
    limits.time = .seconds(10)
    // A redirect would lead past the operator's word.
    limits.redirects = 0
    return limits
  }

  /// `others` opens ways to origins that the operator did not name.
  init(_ issuer: String, keysURL: String?, others: RemoteConnector) {
    self.issuer = issuer
    self.keysURL = keysURL
    // Plain http was admitted for loopback only, where the settings were read.
    let named = RemoteConnector(
      allowsPlainHTTP: true, objection: { _ in nil }, resolver: others.resolver,
      configure: others.configure)
    self.named = CatalogFetcher(named, limits: Self.limits)
    self.others = CatalogFetcher(others, limits: Self.limits)
  }

  func keys() async throws(Problem) -> KeySet {
    let source: String
    let bytes: [UInt8]
    if let keysURL {
      (source, bytes) = (RemoteAddress.shown(keysURL), try await named.fetch(keysURL))
    } else {
      let url = try await jwksURL()
      (source, bytes) = (url.shown, try await fetcher(for: url).fetch(url.text))
    }
    do throws(KeySet.Flaw) { return try await KeySet(bytes) } catch {
      throw Problem(source: source, "is no usable set of keys: \(error)")
    }
  }

  private func fetcher(for url: RemoteURL) -> CatalogFetcher {
    (try? RemoteURL(issuer))?.origin == url.origin ? named : others
  }

  private func jwksURL() async throws(Problem) -> RemoteURL {
    var failures: [Problem] = []
    for url in Self.metadataURLs(of: issuer) {
      let bytes: [UInt8]
      do throws(Problem) { bytes = try await named.fetch(url) } catch {
        failures.append(error)
        continue
      }
      return try read(bytes, from: url)
    }
    throw failures.first ?? Problem(source: issuer, "has no metadata")
  }

  /// MCP, Authorization Server Metadata Discovery: the well-known part before the path, then OpenID
  /// Connect's two forms.
  static func metadataURLs(of issuer: String) -> [String] {
    guard let url = try? RemoteURL(issuer) else { return [] }
    let path = url.target == "/" ? "" : String(url.target.trimmingSuffix("/"))
    var forms = [
      "/.well-known/oauth-authorization-server\(path)", "/.well-known/openid-configuration\(path)",
    ]
    if !path.isEmpty { forms.append("\(path)/.well-known/openid-configuration") }
    return forms.map { url.origin + $0 }
  }

  /// RFC 8414 section 3.3: a document that names another issuer must not be used.
  private func read(_ bytes: [UInt8], from source: String) throws(Problem) -> RemoteURL {
    let text: JSONText
    do throws(JSONProblem) {
      text = try JSONText(
        validating: bytes,
        limits: JSONLimits(maximumBytes: KeySet.largest, maximumDepth: 16, maximumValues: 10_000))
    } catch { throw Problem(source: source, "is not the metadata of an issuer: \(error)") }
    guard text["issuer"]?.string == issuer else {
      throw Problem(
        source: source, "speaks for another issuer",
        hint: "write --oauth-issuer exactly as the metadata has it")
    }
    guard let written = text["jwks_uri"]?.string else {
      throw Problem(source: source, "has no jwks_uri", hint: "name the keys with --oauth-jwks")
    }
    do throws(RemoteURL.Flaw) { return try SettingsReader.secureURL(written) } catch {
      throw Problem(source: source, "its jwks_uri cannot be used: \(error)")
    }
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: String) -> Substring {
    hasSuffix(suffix) ? dropLast(suffix.count) : self[...]
  }
}
