import SwiftASN1
import X509

/// Whose a signing certificate is.
struct CertificateSubject: Sendable, Hashable {
  let emails: [String]
  let hosts: [String]
  /// The identity provider that Fulcio asked; nil where the certificate does not say.
  let issuer: String?

  init(_ certificate: Certificate) throws(Rejection) {
    var (emails, hosts): ([String], [String]) = ([], [])
    do {
      for name in try certificate.extensions.subjectAlternativeNames ?? SubjectAlternativeNames() {
        switch name {
        case .rfc822Name(let email): emails.append(email)
        case .dnsName(let host): hosts.append(host)
        default: break
        }
      }
    } catch {
      throw Rejection(.certificateInvalid, "the certificate's subject cannot be read")
    }
    self.emails = emails
    self.hosts = hosts
    issuer = try Self.issuer(certificate)
  }

  private static let issuerV1: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 57264, 1, 1]
  private static let issuerV2: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 57264, 1, 8]

  /// Fulcio's extensions: the old one holds the bare text, the new one DER. If both are there they
  /// must agree, or two readers would see two issuers.
  private static func issuer(_ certificate: Certificate) throws(Rejection) -> String? {
    let old = certificate.extensions[oid: issuerV1].map {
      String(decoding: $0.value, as: UTF8.self)
    }
    var new: String?
    if let value = certificate.extensions[oid: issuerV2]?.value {
      guard let text = try? ASN1UTF8String(derEncoded: value) else {
        throw Rejection(.certificateInvalid, "the certificate's issuer extension cannot be read")
      }
      new = String(text)
    }
    guard old == nil || new == nil || old == new else {
      throw Rejection(.certificateInvalid, "the certificate names two identity providers")
    }
    return new ?? old
  }

  func demand(issuer wanted: String) throws(Rejection) {
    guard let issuer else {
      throw Rejection(.certificateInvalid, "the certificate names no identity provider")
    }
    guard issuer == wanted else {
      throw Rejection(
        .certificateInvalid, "the certificate is for the identity provider \(issuer), not \(wanted)"
      )
    }
  }

  func demand(email wanted: String) throws(Rejection) {
    guard emails.contains(wanted) else {
      let found = emails.isEmpty ? "no email address" : emails.joined(separator: ", ")
      throw Rejection(.certificateInvalid, "the certificate is for \(found), not \(wanted)")
    }
  }

  func demand(host wanted: String) throws(Rejection) {
    guard hosts.contains(where: { Self.matches($0, wanted.lowercased()) }) else {
      let found = hosts.isEmpty ? "no host" : hosts.joined(separator: ", ")
      throw Rejection(.certificateInvalid, "the certificate is for \(found), not \(wanted)")
    }
  }

  /// RFC 6125: a wildcard stands for the whole left-most label and for nothing else.
  private static func matches(_ pattern: String, _ host: String) -> Bool {
    let pattern = pattern.lowercased()
    guard pattern.hasPrefix("*.") else { return pattern == host }
    guard let dot = host.firstIndex(of: "."), dot != host.startIndex else { return false }
    return pattern.dropFirst() == host[dot...] && pattern.dropFirst(2).contains(".")
  }
}
