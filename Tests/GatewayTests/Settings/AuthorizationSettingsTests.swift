import Testing
import Wire

@testable import Gateway

@Suite struct AuthorizationSettingsTests {
  static let http = ["--transport=http"]
  static let issuer = ["--oauth-issuer=https://auth.example.com/realm"]
  static let url = ["--public-url=https://mcp.example.com/mcp"]

  @Test func anIssuerIsReadWithAllThatBelongsToIt() throws {
    let (settings, problems) = try SettingsReaderTests.read(
      Self.http + Self.url + Self.issuer + [
        "--oauth-issuer", "https://b.example", "--oauth-audience=api://gateway",
        "--oauth-scopes=tools,files", "--oauth-scopes=tools", "--auth-tokens=t.txt",
      ])
    #expect(problems == [])
    #expect(settings.publicURL == "https://mcp.example.com/mcp")
    #expect(settings.authTokensFile == "t.txt")
    #expect(settings.oauth?.issuers == ["https://auth.example.com/realm", "https://b.example"])
    #expect(settings.oauth?.audiences == ["api://gateway"])
    #expect(settings.oauth?.requiredScopes == ["tools", "files"])
    #expect(settings.oauth?.keys == .discovered)
  }

  @Test(arguments: [
    ("keys.json", OAuthSettings.KeySource.file("keys.json")),
    ("https://x.example/k", .url("https://x.example/k")),
    ("http://127.0.0.1:8080/k", .url("http://127.0.0.1:8080/k")),
  ])
  func keysComeFromAFileOrAURL(source: String, keys: OAuthSettings.KeySource) throws {
    let (settings, problems) = try SettingsReaderTests.read(
      Self.http + Self.url + Self.issuer + ["--oauth-jwks=\(source)"])
    #expect(problems == [])
    #expect(settings.oauth?.keys == keys)
  }

  @Test(arguments: [
    ("https://mcp.example.com/mcp", "https://mcp.example.com/mcp"),
    ("https://mcp.example.com", "https://mcp.example.com"),
    ("https://mcp.example.com/", "https://mcp.example.com"),
    ("http://localhost:8811/mcp", "http://localhost:8811/mcp"),
    ("http://[::1]:8811/mcp", "http://[::1]:8811/mcp"),
  ])
  func aPublicURLIsKeptInItsCanonicalForm(written: String, kept: String) throws {
    let (settings, problems) = try SettingsReaderTests.read(
      Self.http + ["--public-url=\(written)"])
    #expect(problems == [])
    #expect(settings.publicURL == kept)
  }

  /// Which flag is blamed, and what is written.
  static let wrong: [(String, String)] = [
    ("--public-url", "--public-url=http://mcp.example.com/mcp"),
    ("--public-url", "--public-url=https://MCP.example.com/mcp"),
    ("--public-url", "--public-url=https://mcp.example.com:443/mcp"),
    ("--public-url", "--public-url=https://mcp.example.com/mcp/"),
    ("--public-url", "--public-url=https://mcp.example.com/mcp?x"),
    ("--public-url", "--public-url=https://mcp.example.com/mcp#x"),
    ("--public-url", "--public-url=https://u:p@mcp.example.com/mcp"),
    ("--public-url", "--public-url=mcp"), ("--oauth-issuer", "ISSUER"),
    ("--oauth-issuer", "URL --oauth-issuer=http://auth.example.com"),
    ("--oauth-issuer", "URL --oauth-issuer=https://auth.example.com?x=1"),
    ("--oauth-issuer", "URL --oauth-issuer=https://auth.example.com#x"),
    ("--oauth-issuer", "URL --oauth-issuer=auth"),
    ("--oauth-jwks", "URL ISSUER --oauth-jwks=http://keys.example/k"),
    ("--oauth-jwks", "URL ISSUER --oauth-issuer=https://b.example --oauth-jwks=k.json"),
    ("--oauth-jwks", "--oauth-jwks=k.json"), ("--oauth-audience", "--oauth-audience=x"),
    ("--oauth-scopes", "--oauth-scopes=x"),
    ("--oauth-scopes", "URL ISSUER --oauth-scopes=\u{e9}"),
    ("--allow-unauthenticated", "--auth-tokens=t --allow-unauthenticated"),
    ("--allow-unauthenticated", "URL ISSUER --allow-unauthenticated"),
  ]

  @Test(arguments: wrong)
  func whatIsWrongIsNamed(source: String, line: String) throws {
    let short = ["URL": Self.url, "ISSUER": Self.issuer]
    let words = line.split(separator: " ").map(String.init).flatMap { short[$0] ?? [$0] }
    let errors = try SettingsReaderTests.read(Self.http + words).problems
      .filter { $0.severity == .error }
    #expect(errors.map(\.source) == [source])
  }

  @Test(arguments: [["--auth-tokens=t"], url + issuer])
  func credentialsWithoutHTTPAreRefusedNotIgnored(words: [String]) throws {
    let errors = try SettingsReaderTests.read(words).problems.filter { $0.severity == .error }
    #expect(errors.count == 1)
  }
}
