import AsyncHTTPClient
import NIOSSL
import Testing
import Wire

@testable import Gateway

/// The address that was checked is connected to, and the certificate must be the name's.
@Suite(.timeLimit(.minutes(1))) struct RemoteTLSTests {
  private static func fetch(
    _ host: String, isTrusted: Bool = true,
    _ script: @escaping ScriptedServer.Script = { request, peer in
      try await peer.answer(type: nil, request.headers["host"] ?? "")
    }
  ) async throws -> String {
    let certificate = try NIOSSLCertificate(bytes: Array(pinnedCertificate.utf8), format: .pem)
    let key = try NIOSSLPrivateKey(bytes: Array(pinnedKey.utf8), format: .pem)
    let context = try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: [.certificate(certificate)], privateKey: .privateKey(key)))
    let server = try await ScriptedServer(tls: context, script)
    defer { server.stop() }
    let table = ["pinned.example": ["127.0.0.1"], "other.example": ["127.0.0.1"]]
    let trust: @Sendable (inout HTTPClient.Configuration) -> Void = { configuration in
      guard isTrusted else { return }
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.trustRoots = .certificates([certificate])
      configuration.tlsConfiguration = tls
    }
    let connector = RemoteConnector(
      allowsPlainHTTP: true, objection: { _ in nil }, resolver: TableResolver(table: table),
      configure: trust)
    let url = "https://\(host):\(server.port)/"
    let body = try await CatalogFetcher(connector).fetch(url)
    return String(decoding: body, as: UTF8.self)
  }

  @Test func theNameIsVerifiedAtTheCheckedAddress() async throws {
    #expect(try await Self.fetch("pinned.example").hasPrefix("pinned.example:"))
  }

  @Test func aCertificateForAnotherNameIsRefused() async throws {
    let problem = await #expect(throws: Problem.self) { try await Self.fetch("other.example") }
    #expect(problem?.message.contains("certificate is for another name") == true)
  }

  @Test func aCertificateForANameIsNoneForItsAddress() async throws {
    await #expect(throws: Problem.self) { try await Self.fetch("127.0.0.1") }
  }

  @Test func aRedirectFromHTTPSToHTTPIsNotFollowed() async throws {
    let problem = await #expect(throws: Problem.self) {
      try await Self.fetch("pinned.example") { request, peer in
        try await peer.answer("302 Found", ["Location: http://other.example/"], type: nil)
      }
    }
    #expect(problem?.message.contains("redirects from https to http") == true)
  }

  @Test func anUntrustedCertificateIsRefused() async throws {
    let problem = await #expect(throws: Problem.self) {
      try await Self.fetch("pinned.example", isTrusted: false)
    }
    #expect(problem?.message.contains("certificate is not trusted") == true)
  }
}

/// Made for this test only:
/// `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500
/// -subj /CN=pinned.example -addext subjectAltName=DNS:pinned.example
/// -addext basicConstraints=critical,CA:TRUE`
let pinnedCertificate = """
  -----BEGIN CERTIFICATE-----
  MIIBozCCAUqgAwIBAgIUTYlBsnxB2HEIz0K2tHgRddM0c+cwCgYIKoZIzj0EAwIw
  GTEXMBUGA1UEAwwOcGlubmVkLmV4YW1wbGUwIBcNMjYxMTIyMTcxMDQ3WhgPMjEy
  NjEwMjkxNzEwNDdaMBkxFzAVBgNVBAMMDnBpbm5lZC5leGFtcGxlMFkwEwYHKoZI
  zj0CAQYIKoZIzj0DAQcDQgAEFF3MmL3Y0Iov0IV4vJ/QKlwLGadhE+i2Q8zA3Boe
  1SBvGcO0BDbBEyHMidOZCuHF2p3b+FVF0lqUgYE1VYYRRqNuMGwwHQYDVR0OBBYE
  FNaDBrspYj/XwIxqTibKX6BgyrjEMB8GA1UdIwQYMBaAFNaDBrspYj/XwIxqTibK
  X6BgyrjEMBkGA1UdEQQSMBCCDnBpbm5lZC5leGFtcGxlMA8GA1UdEwEB/wQFMAMB
  Af8wCgYIKoZIzj0EAwIDRwAwRAIgRNAaGr+LE3tt6sR1DuUiY1jjNN6Rm49dDnxD
  LusPtJECIGskXUoN9EtF0hmQMHWwMKa54/lNPNUXP26lmdTVezP4
  -----END CERTIFICATE-----
  """

let pinnedKey = """
  -----BEGIN PRIVATE KEY-----
  MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJtQoaRQOy/V1yijy
  N5JSOpGRXkB/Gb7actuLhNXFspShRANCAAQUXcyYvdjQii/QhXi8n9AqXAsZp2ET
  6LZDzMDcGh7VIG8Zw7QENsETIcyJ05kK4cXandv4VUXSWpSBgTVVhhFG
  -----END PRIVATE KEY-----
  """
