import Authorization
import Wire

/// Who may call over HTTP.
extension SettingsReader {
  mutating func readAuthorization(_ flags: some AccessFlags) {
    settings.authTokensFile = flags.authTokens
    if flags.authTokens == "" {
      refuse("--auth-tokens", "names no file", hint: "write --auth-tokens=FILE, or leave it out")
    }
    if let written = flags.publicUrl { readPublicURL(written) }
    readOAuth(flags)
    let written = [
      ("--auth-tokens", settings.authTokensFile != nil), ("--oauth-issuer", settings.oauth != nil),
    ].filter(\.1).map(\.0)
    // What promises to keep strangers out must not be ignored.
    for flag in written where settings.transport == .stdio {
      refuse(
        flag, "cannot be used with --transport stdio, which has one client and no tokens",
        hint: "add --transport streaming, or leave the flag out")
    }
    for flag in written where settings.allowUnauthenticated {
      refuse(
        "--allow-unauthenticated", "\(flag) is written as well", hint: "leave one of the two out")
    }
  }

  private mutating func readPublicURL(_ written: String) {
    do throws(RemoteURL.Flaw) {
      let url = try Self.secureURL(written)
      guard url.text == written || url.origin == written, !written.contains("?"),
        url.target == "/" || !written.hasSuffix("/")
      else {
        return refuse(
          "--public-url", "is not in the one form that clients and tokens compare",
          hint: "write scheme and host in lower case, no default port, no final slash, no query")
      }
      settings.publicURL = url.target == "/" ? url.origin : written
    } catch {
      refuse(
        "--public-url", "\(error)", hint: "write the URL of the endpoint, https://HOST/mcp")
    }
  }

  /// https, or plain http that stays on this machine.
  static func secureURL(_ text: String) throws(RemoteURL.Flaw) -> RemoteURL {
    let url = try RemoteURL(text)
    guard url.scheme == .https || url.isLoopback else {
      throw RemoteURL.Flaw("plain http is for this machine only; write https://")
    }
    guard !text.contains("#") else { throw RemoteURL.Flaw("the URL has a fragment") }
    return url
  }

  private mutating func readOAuth(_ flags: some AccessFlags) {
    let issuers = Self.names(flags.oauthIssuer)
    guard !issuers.isEmpty else { return refuseOAuthWithoutIssuer(flags) }
    var oauth = OAuthSettings()
    for issuer in issuers { checkIssuer(issuer) }
    oauth.issuers = issuers
    oauth.audiences = Self.names(flags.oauthAudience)
    oauth.requiredScopes = Self.names(flags.oauthScopes)
    for scope in oauth.requiredScopes where !Self.isScope(scope) {
      refuse("--oauth-scopes", "\"\(PrintableText(scope))\" is not a scope")
    }
    if let source = flags.oauthJwks { oauth.keys = keySource(source, issuers) }
    if settings.publicURL == nil {
      refuse(
        "--oauth-issuer", "needs to know under which URL clients reach the gateway",
        hint: "add --public-url https://HOST/mcp; tokens must be issued for that resource")
    }
    settings.oauth = oauth
  }

  private mutating func refuseOAuthWithoutIssuer(_ flags: some AccessFlags) {
    let written = [
      ("--oauth-audience", !flags.oauthAudience.isEmpty),
      ("--oauth-scopes", !flags.oauthScopes.isEmpty), ("--oauth-jwks", flags.oauthJwks != nil),
    ]
    for (flag, _) in written.filter(\.1) {
      refuse(flag, "has no meaning without an issuer", hint: "add --oauth-issuer URL")
    }
  }

  /// RFC 8414 section 2: no query, no fragment. The text itself is what tokens must say.
  private mutating func checkIssuer(_ issuer: String) {
    do throws(RemoteURL.Flaw) {
      _ = try Self.secureURL(issuer)
      if issuer.contains("?") { throw RemoteURL.Flaw("an issuer has no query") }
    } catch {
      refuse(
        "--oauth-issuer", "\(error)",
        hint: "write the issuer exactly as it stands in tokens, https://HOST/PATH")
    }
  }

  private mutating func keySource(
    _ written: String, _ issuers: [String]
  ) -> OAuthSettings.KeySource {
    if issuers.count > 1 {
      refuse(
        "--oauth-jwks", "cannot say which of \(issuers.count) issuers the keys belong to",
        hint: "leave it out: keys are found through the issuers' metadata")
    }
    let lowercased = written.lowercased()
    guard lowercased.hasPrefix("https:") || lowercased.hasPrefix("http:") else {
      return .file(written)
    }
    do throws(RemoteURL.Flaw) { _ = try Self.secureURL(written) } catch {
      refuse("--oauth-jwks", "\(error)", hint: "write an https URL or the path of a file")
    }
    return .url(written)
  }

  /// RFC 6749 section 3.3.
  private static func isScope(_ text: String) -> Bool {
    text.utf8.allSatisfy {
      (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
    }
  }
}
