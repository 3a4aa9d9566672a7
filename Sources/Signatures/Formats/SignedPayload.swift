import Wire

/// What a simple signing signature says, by GPG or by cosign: this manifest has this name. Read only
/// from bytes whose signature was verified.
struct SignedPayload: Sendable, Hashable {
  enum Kind: String, Sendable, Hashable {
    case atomic = "atomic container signature"
    case cosign = "cosign container image signature"
  }

  /// The digest of the signed manifest, of any algorithm.
  let digest: String
  /// The name under which it was signed, as it was written.
  let identity: String

  static let largest = 4 << 20

  /// Both formats are closed: an unknown member, another case or a wrong type refuses the payload,
  /// since its author meant something that we do not know.
  init(_ bytes: [UInt8], as kind: Kind) throws(FormFlaw) {
    let top = try StrictObject(
      .strict(bytes, limit: Self.largest), at: "", required: ["critical", "optional"])
    let critical = try top.object("critical", required: ["type", "image", "identity"])
    guard try critical.string("type") == kind.rawValue else {
      throw critical.flaw("has another type than \"\(kind.rawValue)\"")
    }
    let image = try critical.object("image", required: ["docker-manifest-digest"])
    digest = try image.string("docker-manifest-digest")
    guard ContentDigest.isWellFormed(digest) else {
      throw image.flaw("holds something that is not a digest")
    }
    let name = try critical.object("identity", required: ["docker-reference"])
    identity = try name.string("docker-reference")
    try Self.check(optional: top, kind)
  }

  private static func check(optional top: StrictObject, _ kind: Kind) throws(FormFlaw) {
    // cosign writes null where there are no annotations.
    if kind == .cosign, try top.value("optional").isNull { return }
    let optional = try top.object("optional", others: true)
    if optional.has("creator") { _ = try optional.string("creator") }
    if optional.has("timestamp") { _ = try optional.integer("timestamp") }
  }
}
