import Synchronization
import Testing
import Wire

@testable import Signatures

/// The protocol of registries: who gets credentials, and where a redirect may lead.
struct RegistryClientTests {
  private static let accepting = #"[{"type":"insecureAcceptAnything"}]"#
  private static let login = RegistryLogin(.password(user: "me", password: "s3cret"))

  /// A registry that wants a token from `realm`.
  private static func guarded(
    realm: String = "https://auth.test/token", isPublic: Bool = true
  ) throws -> VerifierRig {
    let rig = try VerifierRig(accepting)
    let challenge = ("WWW-Authenticate", #"Bearer realm="\#(realm)",service="the registry""#)
    rig.registry.on("\(FakeRegistry.host)/v2/", status: 401, [], [challenge], isPublic: isPublic)
    let manifest = Manifests.image()
    rig.registry.answer(rig.registry.manifestURL("v1")) { (request) throws(WebFailure) in
      request.headers.contains { $0.name == "Authorization" && $0.value == "Bearer t0ken" }
        ? FakeRegistry.answer(200, manifest, [("Content-Type", FakeRegistry.oci)])
        : FakeRegistry.answer(401, [], [challenge])
    }
    return rig
  }

  private static let tokenURL =
    "https://auth.test/token?service=the%20registry&scope=repository%3Ans%2Fapp%3Apull"

  @Test func aTokenIsFetchedAndSent() async throws {
    let rig = try Self.guarded()
    rig.registry.on(Self.tokenURL, status: 200, Array(#"{"token":"t0ken","expires_in":300}"#.utf8))
    let verifier = try rig.verifier()
    for _ in 0..<2 { _ = try await verifier.verify(Fixture.image()) }
    #expect(rig.registry.asked.filter { $0.contains("auth.test") }.count == 1)
    let request = try #require(rig.registry.requests.first { $0.url.contains("auth.test") })
    #expect(request.reach == .publicAddresses)
    #expect(!request.headers.contains { $0.name == "Authorization" })
  }

  @Test func credentialsGoToTheTokenServiceOnly() async throws {
    let rig = try Self.guarded()
    rig.registry.on(
      Self.tokenURL + "&account=me", status: 200, Array(#"{"access_token":"t0ken"}"#.utf8))
    let verifier = try rig.verifier(logins: { $0 == "registry.test" ? Self.login : nil })
    _ = try await verifier.verify(Fixture.image())
    let sent = rig.registry.requests.filter { request in
      request.headers.contains { $0.value.hasPrefix("Basic ") }
    }
    #expect(sent.map(\.url) == [Self.tokenURL + "&account=me"])
  }

  @Test func anIdentityTokenIsExchangedInTheBody() async throws {
    let rig = try Self.guarded()
    rig.registry.on("https://auth.test/token", status: 200, Array(#"{"token":"t0ken"}"#.utf8))
    let login = RegistryLogin(.identityToken("refresh/me"))
    _ = try await rig.verifier(logins: { _ in login }).verify(Fixture.image())
    let request = try #require(rig.registry.requests.first { $0.method == .post })
    let body = String(decoding: request.body ?? [], as: UTF8.self)
    #expect(body.contains("grant_type=refresh_token&refresh_token=refresh%2Fme"))
  }

  @Test(arguments: [
    "http://auth.test/token", "http://127.0.0.1/token", "ftp://auth.test", "auth.test", "",
    "https://user:pw@auth.test/",
  ])
  func aRealmThatIsNotHTTPSGetsNothing(_ realm: String) async throws {
    let rig = try Self.guarded(realm: realm)
    #expect(try await rig.code() == .registryAuth)
    #expect(rig.registry.asked.allSatisfy { $0.hasPrefix(FakeRegistry.host) })
  }

  @Test func aPrivateRegistryMayHaveAPrivateTokenService() async throws {
    let rig = try Self.guarded(isPublic: false)
    rig.registry.on(Self.tokenURL, status: 200, Array(#"{"token":"t0ken"}"#.utf8))
    #expect(try await rig.code() == nil)
    #expect(rig.registry.requests.first { $0.url == Self.tokenURL }?.reach == .anywhere)
  }

  @Test(arguments: [
    (200, "{}"), (200, "[]"), (200, #"{"token":""}"#), (200, #"{"token":"a b"}"#),
    (200, #"{"token":"a\r\nX: y"}"#), (200, #"{"token":1}"#), (401, "{}"), (302, ""), (500, ""),
  ])
  func aTokenServiceThatFailsIsAFailureOfAuthentication(_ status: Int, _ body: String) async throws
  {
    let rig = try Self.guarded()
    rig.registry.on(
      Self.tokenURL, status: status, Array(body.utf8), [("Location", "https://evil.test/")])
    #expect(try await rig.code() == .registryAuth)
    #expect(!rig.registry.asked.contains { $0.contains("evil") })
  }

  @Test func aRefusedTokenIsRenewedOnce() async throws {
    let rig = try Self.guarded()
    rig.registry.on(Self.tokenURL, status: 200, Array(#"{"token":"wrong"}"#.utf8))
    #expect(try await rig.code() == .registryAuth)
    #expect(rig.registry.asked.filter { $0.contains("auth.test") }.count == 2)
  }

  @Test func basicCredentialsAreSentWhereTheyAreAskedFor() async throws {
    let rig = try VerifierRig(Self.accepting)
    rig.registry.on(
      "\(FakeRegistry.host)/v2/", status: 401, [], [("WWW-Authenticate", "Basic realm=x")])
    rig.registry.put(Manifests.image(), tag: "v1")
    _ = try await rig.verifier(logins: { _ in Self.login }).verify(Fixture.image())
    let header = rig.registry.requests.last?.headers.first { $0.name == "Authorization" }?.value
    #expect(header == "Basic bWU6czNjcmV0")
  }

  @Test func aLoginThatCannotBeReadRejects() async throws {
    struct Broken: Error {}
    let rig = try Self.guarded()
    let verifier = try rig.verifier(logins: { _ in throw Broken() })
    let rejection = await #expect(throws: Rejection.self) {
      try await verifier.verify(Fixture.image())
    }
    #expect(rejection?.code == .registryAuth)
  }

  // MARK: Redirects

  private static func redirected(_ url: String, to location: String, isPublic: Bool = true)
    throws(WebFailure) -> WebRequest
  {
    var request = WebRequest(
      url, reach: .anywhere, maximumBytes: 1, deadline: Deadline(after: .seconds(1)))
    request.headers = [("Authorization", "Basic x"), ("Accept", "a")]
    return try RedirectFollower.next(
      of: request, to: location, from: FakeRegistry.answer(307, isPublic: isPublic))
  }

  @Test func credentialsStayWithTheirOrigin() throws {
    let same = try Self.redirected("https://a.test/x", to: "/y")
    #expect(same.url == "https://a.test/y" && same.headers.count == 2 && same.reach == .anywhere)
    for other in ["https://b.test/y", "https://a.test:444/y", "//b.test/y"] {
      let next = try Self.redirected("https://a.test/x", to: other)
      #expect(next.headers.map(\.name) == ["Accept"] && next.reach == .publicAddresses)
    }
    let neighbour = try Self.redirected("https://a.test/x", to: "https://b.test/", isPublic: false)
    #expect(neighbour.reach == .anywhere)
  }

  @Test(arguments: [
    "http://a.test/", "ftp://a.test/", "https://u:p@a.test/", "https://a b/", "file:///etc/passwd",
  ])
  func aRedirectToSomethingLessSafeIsNotFollowed(_ location: String) {
    #expect(throws: WebFailure.self) { try Self.redirected("https://a.test/x", to: location) }
  }

  @Test func aLoopOfRedirectsEnds() async throws {
    let rig = try VerifierRig(Self.accepting)
    let url = rig.registry.manifestURL("v1")
    rig.registry.on(url, status: 307, [], [("Location", url)])
    #expect(try await rig.code() == .registryError)
    #expect(rig.registry.asked.count <= 8)
  }

  @Test func aBusyRegistryIsAskedAgain() async throws {
    let rig = try VerifierRig(Self.accepting)
    let manifest = Manifests.image()
    let asked = Mutex(0)
    rig.registry.answer(rig.registry.manifestURL("v1")) { (_) throws(WebFailure) in
      let count = asked.withLock { count in
        count += 1
        return count
      }
      return count == 1
        ? FakeRegistry.answer(429, [], [("Retry-After", "1")])
        : FakeRegistry.answer(200, manifest, [("Content-Type", FakeRegistry.oci)])
    }
    #expect(try await rig.code() == nil)
  }

  // MARK: Challenges and endpoints

  @Test func challengesAreReadAsTheStandardHasThem() {
    let all = Challenge.all(in: [
      #"Basic realm="a, b", Bearer realm="https://x/\"y\"",Service=s , SCOPE="q""#, "Negotiate",
      #"Bearer realm=unquoted"#, "=", #"Broken realm="never ends"#,
    ])
    #expect(all.map(\.scheme) == ["basic", "bearer", "negotiate", "bearer", "broken"])
    #expect(all[0].parameters == ["realm": "a, b"])
    #expect(all[1].parameters == ["realm": #"https://x/"y""#, "service": "s", "scope": "q"])
    #expect(all[3].parameters == ["realm": "unquoted"])
  }

  @Test(arguments: 0..<4)
  func mutatedChallengesComeToAnEnd(_ seed: Int) {
    var mutations = Mutations(seed: UInt64(seed + 1))
    let original = Array(
      #"Basic realm="a, b", Bearer realm="https://x",service=s,scope="q\"""#.utf8)
    for _ in 0..<1_000 {
      let text = String(decoding: mutations.mutate(original), as: UTF8.self)
      #expect(Challenge.all(in: [text]).allSatisfy { !$0.scheme.isEmpty })
    }
  }

  @Test(arguments: [
    ("docker.io", ["https://registry-1.docker.io"]), ("a.test:5000", ["https://a.test:5000"]),
    ("127.0.0.1:5000", ["https://127.0.0.1:5000", "http://127.0.0.1:5000"]),
    ("localhost", ["https://localhost", "http://localhost"]),
    ("[::1]:5000", ["https://[::1]:5000", "http://[::1]:5000"]),
    ("127.evil.test", ["https://127.evil.test"]),
    ("localhost.evil.test", ["https://localhost.evil.test"]),
  ])
  func onlyLoopbackIsAskedWithoutTLS(_ domain: String, _ origins: [String]) {
    #expect(RegistryEndpoint.origins(of: domain, allowsInsecure: false) == origins)
  }

  @Test func errorsThatMeanNothingIsThereAreKnown() {
    for (body, isMissing) in [
      (#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#, true),
      (#"{"errors":[{"code":"UNKNOWN","message":"x Not Found"}]}"#, true),
      (#"{"errors":[{"code":"UNKNOWN","message":"broken"}]}"#, false), ("{}", false), ("<", false),
    ] {
      let answer = FakeRegistry.answer(500, Array(body.utf8))
      #expect(RegistryErrors(answer).saysNotFound == isMissing, "\(body)")
    }
  }
}
