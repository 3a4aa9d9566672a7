import Wire

/// A payload and what was attached to it: a layer of a `.sig` manifest, or the same as a file of a
/// signature store. All of it is untrusted.
struct SigstoreAttachment: Sendable, Hashable {
  var mediaType: String
  var payload: [UInt8]
  var annotations: [String: String]

  static let signatureType = "application/vnd.dev.cosign.simplesigning.v1+json"

  enum Annotation {
    static let signature = "dev.cosignproject.cosign/signature"
    static let logEntry = "dev.sigstore.cosign/bundle"
    static let certificate = "dev.sigstore.cosign/certificate"
    static let chain = "dev.sigstore.cosign/chain"
  }

  init(mediaType: String, payload: [UInt8], annotations: [String: String]) {
    self.mediaType = mediaType
    self.payload = payload
    self.annotations = annotations
  }

  /// The form `sigstore-json` of the signature stores.
  init(json bytes: [UInt8]) throws(Rejection) {
    do throws(FormFlaw) {
      let object = try StrictObject(
        .strict(bytes, limit: SignatureBlob.largest), at: "",
        required: ["mimeType", "payload", "annotations"])
      self.init(
        mediaType: try object.string("mimeType"), payload: try object.base64("payload"),
        annotations: try object.object("annotations", others: true).allStrings())
    } catch {
      throw Rejection(.malformedSignature, "a sigstore signature file: \(error)")
    }
  }

  /// The bytes of the signature itself.
  func signature() throws(Rejection) -> [UInt8] {
    guard let text = annotations[Annotation.signature] else {
      throw Rejection(.malformedSignature, "the signature has no \(Annotation.signature)")
    }
    guard let bytes = StrictBase64.decode(text), !bytes.isEmpty else {
      throw Rejection(.malformedSignature, "the signature is not base64")
    }
    return bytes
  }
}
