import Crypto
import Foundation
import SwiftASN1
import Testing
import Wire
import X509

@testable import Signatures

/// Signatures with certificates: of Fulcio for ten minutes, or of an authority of one's own.
struct CertificateTests {
  private static let time = Date(timeIntervalSince1970: 1_700_000_000)
  private static let manifest = Manifests.image()
  private static let digest = ContentDigest(of: manifest)
  private static let issuer = "https://id.test"

  struct Authority {
    let key = P256.Signing.PrivateKey()
    let name: DistinguishedName
    let certificate: Certificate

    init(_ common: String, from: Date, to: Date) throws {
      name = try DistinguishedName { CommonName(common) }
      certificate = try Certificate(
        version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey), notValidBefore: from,
        notValidAfter: to, issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
        extensions: try Certificate.Extensions {
          Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 1))
          Critical(KeyUsage(keyCertSign: true))
        }, issuerPrivateKey: .init(key))
    }
  }

  private struct Leaf {
    var email: String? = "me@id.test"
    var host: String?
    var usage: [ExtendedKeyUsage.Usage]? = [.codeSigning]
    var oldIssuer: String?
    var newIssuer: String? = CertificateTests.issuer
    var from = CertificateTests.time.addingTimeInterval(-60)
    var to = CertificateTests.time.addingTimeInterval(540)
    let key = P256.Signing.PrivateKey()

    func certificate(_ authority: Authority) throws -> Certificate {
      let names =
        [email.map { GeneralName.rfc822Name($0) }, host.map { GeneralName.dnsName($0) }]
        .compactMap(\.self)
      var extensions = try Certificate.Extensions {
        Critical(KeyUsage(digitalSignature: true))
        Critical(SubjectAlternativeNames(names))
      }
      if let usage { try extensions.append(.init(ExtendedKeyUsage(usage), critical: false)) }
      if let oldIssuer {
        try extensions.append(
          .init(
            oid: [1, 3, 6, 1, 4, 1, 57264, 1, 1], critical: false, value: Array(oldIssuer.utf8)[...]
          ))
      }
      if let newIssuer {
        var serializer = DER.Serializer()
        try ASN1UTF8String(newIssuer).serialize(into: &serializer)
        try extensions.append(
          .init(
            oid: [1, 3, 6, 1, 4, 1, 57264, 1, 8], critical: false,
            value: serializer.serializedBytes[...]))
      }
      return try Certificate(
        version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey), notValidBefore: from,
        notValidAfter: to, issuer: authority.name, subject: try DistinguishedName {},
        signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions,
        issuerPrivateKey: .init(authority.key))
    }
  }

  private let shop = SigstoreWorkshop()
  private let authority: Authority
  private let stranger: Authority

  init() throws {
    let (from, to) = (Self.time.addingTimeInterval(-86_400), Self.time.addingTimeInterval(86_400))
    authority = try Authority("Root", from: from, to: to)
    stranger = try Authority("Root", from: from, to: to)
  }

  private func fulcio(email: String = "me@id.test") throws -> String {
    let ca = SigstoreWorkshop.data(try authority.certificate.serializeAsPEM().pemString)
    let log = SigstoreWorkshop.data(shop.log.publicKey.pemRepresentation)
    return
      #"[{"type":"sigstoreSigned","fulcio":{"caData":"\#(ca)","oidcIssuer":"\#(Self.issuer)","subjectEmail":"\#(email)"},"rekorPublicKeyData":"\#(log)","signedIdentity":{"type":"matchRepository"}}]"#
  }

  private func attachment(
    _ leaf: Leaf, by authority: Authority, loggedAt time: Date = time,
    signer: P256.Signing.PrivateKey? = nil,
    logs other: Certificate? = nil
  ) throws -> SigstoreAttachment {
    let payload = SigstoreWorkshop.payload(Self.digest)
    var attachment = try shop.attachment(payload, by: signer ?? leaf.key)
    let certificate = try leaf.certificate(authority)
    let pem = try certificate.serializeAsPEM().pemString
    let body = SigstoreWorkshop.body(
      payload, try attachment.signature(),
      verifier: try (other ?? certificate).serializeAsPEM().pemString)
    attachment.annotations[SigstoreAttachment.Annotation.certificate] = pem
    attachment.annotations[SigstoreAttachment.Annotation.chain] = try authority.certificate
      .serializeAsPEM().pemString
    attachment.annotations[SigstoreAttachment.Annotation.logEntry] = try shop.entry(
      body, time: Int64(time.timeIntervalSince1970))
    return attachment
  }

  private func code(
    _ requirements: String, _ attachment: SigstoreAttachment
  ) async throws -> RejectionCode? {
    let rig = try VerifierRig(requirements)
    rig.registry.put(Self.manifest, tag: "v1")
    rig.registry.attach([attachment], to: Self.digest)
    return try await rig.code()
  }

  @Test func aCertificateIsJudgedAtTheTimeOfTheLog() async throws {
    #expect(try await code(fulcio(), attachment(Leaf(), by: authority)) == nil)
    var old = Leaf()
    old.oldIssuer = Self.issuer
    #expect(try await code(fulcio(), attachment(old, by: authority)) == nil)
    old.newIssuer = nil
    #expect(try await code(fulcio(), attachment(old, by: authority)) == nil)
    for late in [Self.time.addingTimeInterval(3_600), Self.time.addingTimeInterval(-3_600)] {
      #expect(
        try await code(fulcio(), attachment(Leaf(), by: authority, loggedAt: late))
          == .certificateInvalid)
    }
  }

  @Test func everyOtherCertificateIsRefused() async throws {
    let flaws: [(String, (inout Leaf) -> Void)] = [
      ("another issuer", { $0.newIssuer = "https://other.test" }),
      ("no issuer", { $0.newIssuer = nil }),
      ("two issuers", { $0.oldIssuer = "https://other.test" }),
      ("another email", { $0.email = "you@id.test" }),
      ("another case", { $0.email = "Me@id.test" }),
      ("a host instead", { ($0.email, $0.host) = (nil, "me@id.test") }),
      ("another use", { $0.usage = [.serverAuth] }), ("no use", { $0.usage = nil }),
    ]
    for (what, change) in flaws {
      var leaf = Leaf()
      change(&leaf)
      #expect(
        try await code(fulcio(), attachment(leaf, by: authority)) == .certificateInvalid, "\(what)")
    }
    #expect(try await code(fulcio(), attachment(Leaf(), by: stranger)) == .certificateInvalid)
    #expect(
      try await code(fulcio(), attachment(Leaf(), by: authority, signer: shop.key)) == .badSignature
    )
    #expect(
      try await code(
        fulcio(), attachment(Leaf(), by: authority, logs: Leaf().certificate(authority)))
        == .tlogInvalid)
    for change in [nil, "", "x"] as [String?] {
      var attachment = try attachment(Leaf(), by: authority)
      attachment.annotations[SigstoreAttachment.Annotation.certificate] = change
      #expect(try await code(fulcio(), attachment) == .certificateInvalid)
    }
    var unlogged = try attachment(Leaf(), by: authority)
    unlogged.annotations[SigstoreAttachment.Annotation.logEntry] = nil
    #expect(try await code(fulcio(), unlogged) == .tlogInvalid)
  }

  // MARK: An authority of one's own

  private func pki(_ subject: String, _ root: Authority) throws -> String {
    let ca = SigstoreWorkshop.data(try root.certificate.serializeAsPEM().pemString)
    return
      #"[{"type":"sigstoreSigned","pki":{"caRootsData":"\#(ca)",\#(subject)},"signedIdentity":{"type":"matchRepository"}}]"#
  }

  @Test func anOwnAuthorityIsJudgedNow() async throws {
    let (from, to) = (Date(timeIntervalSinceNow: -3600), Date(timeIntervalSinceNow: 3600))
    let root = try Authority("Own", from: from, to: to)
    var leaf = Leaf()
    (leaf.from, leaf.to, leaf.host, leaf.newIssuer) = (from, to, "*.build.test", nil)
    for (subject, expected) in [
      (#""subjectEmail":"me@id.test""#, RejectionCode?.none),
      (#""subjectHostname":"a.build.test""#, nil),
      (#""subjectHostname":"A.Build.Test","subjectEmail":"me@id.test""#, nil),
      (#""subjectHostname":"a.b.build.test""#, .certificateInvalid),
      (#""subjectHostname":"build.test""#, .certificateInvalid),
      (#""subjectHostname":"a.build.test","subjectEmail":"you@id.test""#, .certificateInvalid),
    ] {
      #expect(
        try await code(pki(subject, root), attachment(leaf, by: root)) == expected, "\(subject)")
    }
    leaf.to = Date(timeIntervalSinceNow: -60)
    #expect(
      try await code(pki(#""subjectEmail":"me@id.test""#, root), attachment(leaf, by: root))
        == .certificateInvalid)
    #expect(
      try await code(
        pki(#""subjectEmail":"me@id.test""#, authority), attachment(Leaf(), by: authority))
        == .certificateInvalid)
  }

  /// Certificates that sign each other could be tried in every order.
  @Test func aCrowdOfCertificatesIsNoChain() async throws {
    func authority(_ name: String) throws -> Certificate {
      try Authority(
        name, from: Self.time.addingTimeInterval(-60), to: Self.time.addingTimeInterval(600)
      ).certificate
    }
    let root = try Authority(
      "root", from: Self.time.addingTimeInterval(-60), to: Self.time.addingTimeInterval(600))
    let trust = CertificateTrust(roots: [root.certificate], intermediates: [])
    let leaf = try Leaf().certificate(root)
    try await trust.validate(leaf, chain: [root.certificate], at: Self.time)
    let crowds = [
      [root.certificate, root.certificate], try (1...5).map { try authority("\($0)") },
    ]
    for crowd in crowds {
      let rejection = await #expect(throws: Rejection.self) {
        try await trust.validate(leaf, chain: crowd, at: Self.time)
      }
      #expect(rejection?.message.contains("comes with more than") == true)
    }
  }
}
