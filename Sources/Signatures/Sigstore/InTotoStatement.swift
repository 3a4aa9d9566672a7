import Wire

/// What a bundle's envelope says: cosign signed images with these digests.
struct InTotoStatement: Sendable, Hashable {
  /// sha256, as digests.
  let subjects: [String]

  static let payloadType = "application/vnd.in-toto+json"
  private static let statementType = "https://in-toto.io/Statement/v1"
  /// An attestation by the same key says something *about* an image, which is no signature of it.
  private static let signatureType = "https://sigstore.dev/cosign/sign/v1"
  private static let mostSubjects = 128

  init(_ bytes: [UInt8]) throws(FormFlaw) {
    let object = try StrictObject(
      .strict(bytes, limit: SignedPayload.largest), at: "",
      required: ["_type", "subject", "predicateType"], optional: ["predicate"])
    guard try object.string("_type") == Self.statementType else {
      throw object.flaw("is not an in-toto statement 1")
    }
    let type = try object.string("predicateType")
    guard type == Self.signatureType else {
      throw object.flaw(
        "is an attestation of the type \"\(PrintableText(type, limit: 80))\", no signature")
    }
    let elements = try object.elements("subject")
    guard (1...Self.mostSubjects).contains(elements.count) else {
      throw object.flaw("has no subject, or too many")
    }
    var found: [String] = []
    for (index, element) in elements.enumerated() {
      let subject = try StrictObject(
        element, at: "subject[\(index)]", required: ["digest"],
        optional: ["name", "uri", "annotations"])
      let digest = try subject.object("digest", required: ["sha256"], others: true)
      found.append("sha256:" + (try digest.string("sha256")))
    }
    subjects = found
  }
}
