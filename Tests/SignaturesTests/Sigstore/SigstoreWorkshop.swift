import Crypto
import CryptoExtras
import Foundation
import SwiftASN1
import Wire
import X509

@testable import Signatures

/// Signs as cosign does, rightly and wrongly.
struct SigstoreWorkshop {
  let key = P256.Signing.PrivateKey()
  let log = P256.Signing.PrivateKey()
  static let other = P256.Signing.PrivateKey()

  static func data(_ pem: String) -> String { StrictBase64.encode(Array(pem.utf8)) }

  /// A requirement for this key, as JSON.
  func requirement(
    needsLog: Bool = false, identity: String? = "matchRepository", key pem: String? = nil
  ) -> String {
    let logKey =
      needsLog ? #","rekorPublicKeyData":"\#(Self.data(log.publicKey.pemRepresentation))""# : ""
    let rule = identity.map { #","signedIdentity":{"type":"\#($0)"}"# } ?? ""
    return
      #"[{"type":"sigstoreSigned","keyData":"\#(Self.data(pem ?? key.publicKey.pemRepresentation))"\#(logKey)\#(rule)}]"#
  }

  static func payload(
    _ digest: ContentDigest, _ name: String = "registry.test/ns/app",
    type: String = "cosign container image signature", optional: String = "null", more: String = ""
  ) -> [UInt8] {
    Array(
      (#"{"critical":{"identity":{"docker-reference":"\#(name)"},"image":{"docker-manifest-digest":""#
        + #"\#(digest)"},"type":"\#(type)"\#(more)},"optional":\#(optional)}"#).utf8)
  }

  func signature(_ payload: [UInt8], by signer: P256.Signing.PrivateKey? = nil) throws -> [UInt8] {
    let made = try (signer ?? key).signature(for: SHA256.hash(data: payload))
    return Array(made.derRepresentation)
  }

  func attachment(
    _ payload: [UInt8], by signer: P256.Signing.PrivateKey? = nil, entry: String? = nil
  ) throws -> SigstoreAttachment {
    var annotations = [
      SigstoreAttachment.Annotation.signature: StrictBase64.encode(
        try signature(payload, by: signer))
    ]
    annotations[SigstoreAttachment.Annotation.logEntry] = entry
    return SigstoreAttachment(
      mediaType: SigstoreAttachment.signatureType, payload: payload, annotations: annotations)
  }

  // MARK: The log

  static func body(
    _ payload: [UInt8], _ signature: [UInt8], verifier pem: String, kind: String = "hashedrekord",
    version: String = "0.0.1"
  ) -> [UInt8] {
    let hash = ContentDigest(of: payload).hex
    return Array(
      (#"{"apiVersion":"\#(version)","kind":"\#(kind)","spec":{"data":{"hash":{"algorithm":"sha256","#
        + #""value":"\#(hash)"}},"signature":{"content":"\#(StrictBase64.encode(signature))","#
        + #""publicKey":{"content":"\#(data(pem))"}}}}"#).utf8)
  }

  var logID: String { Hex.text(SHA256.hash(data: log.publicKey.derRepresentation)) }

  func promise(
    _ body: [UInt8], time: Int64 = 1_700_000_000, by signer: P256.Signing.PrivateKey? = nil
  ) throws -> [UInt8] {
    let entry = LogEntry(body: body, integratedTime: time, logIndex: 7, logID: logID)
    return try signature(entry.canonicalForm, by: signer ?? log)
  }

  /// The annotation of an entry.
  func entry(
    _ body: [UInt8], time: Int64 = 1_700_000_000, told: Int64? = nil,
    by signer: P256.Signing.PrivateKey? = nil, more: String = ""
  ) throws -> String {
    let promise = StrictBase64.encode(try promise(body, time: time, by: signer))
    return
      #"{"SignedEntryTimestamp":"\#(promise)","Payload":{"body":"\#(StrictBase64.encode(body))","#
      + #""integratedTime":\#(told ?? time),"logIndex":7,"logID":"\#(logID)"}\#(more)}"#
  }

  /// An entry that is right in all respects.
  func goodEntry(_ payload: [UInt8], _ signature: [UInt8]) throws -> String {
    try entry(Self.body(payload, signature, verifier: key.publicKey.pemRepresentation))
  }
}

extension FakeRegistry {
  /// Attaches signatures to a manifest under its `.sig` tag.
  func attach(
    _ attachments: [SigstoreAttachment], to digest: ContentDigest, path: String = "ns/app",
    host: String = FakeRegistry.host
  ) {
    let layers = attachments.map { attachment in
      let blob = ContentDigest(of: attachment.payload)
      on("\(host)/v2/\(path)/blobs/\(blob)", status: 200, attachment.payload)
      let notes = attachment.annotations.sorted { $0.key < $1.key }.map { pair in
        let value = JSONText(string: pair.value).description
        return #""\#(pair.key)":\#(value)"#
      }.joined(separator: ",")
      return
        #"{"mediaType":"\#(attachment.mediaType)","digest":"\#(blob)","size":\#(attachment.payload.count),"annotations":{\#(notes)}}"#
    }
    let manifest = Manifests.image(layers: layers.joined(separator: ","))
    on(
      "\(host)/v2/\(path)/manifests/sha256-\(digest.hex).sig", status: 200, manifest,
      [("Content-Type", Self.oci)])
  }
}
