import Wire

/// An image of which the policy's requirements were proven, and the digests of the bytes that they
/// were proven for. Only these bytes may run.
public struct VerifiedImage: Sendable, Hashable {
  public let reference: ImageReference
  /// Of the manifest or index that the reference means.
  public let topDigest: ContentDigest
  /// Of the manifest for this platform, which is pulled; the same as the top where there is no index.
  public let platformDigest: ContentDigest
  /// Of the image's configuration: its Id in an engine.
  public let configDigest: ContentDigest
  /// What proved it; empty where the policy accepts anything.
  public let proofs: [Proof]
  /// What a person should know although the image is accepted.
  public let warnings: [String]

  /// The reference by which exactly this is pulled. Never an index: an engine could choose another
  /// entry of it than the one whose signature was checked.
  public var pinned: ImageReference {
    get throws(ImageReferenceProblem) { try reference.at(digest: platformDigest.description) }
  }

  /// Whether what an engine calls by this Id is exactly what was verified: engines name images by
  /// the digest of the configuration, or with containerd's store by that of the manifest.
  public func isRun(asID id: String) -> Bool {
    [configDigest, platformDigest].contains { $0.description == id }
  }

  /// One requirement that a signature satisfied.
  public struct Proof: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable { case signedBy, sigstoreSigned }

    public let kind: Kind
    /// A fingerprint, the sha256 of a public key, or the subject of a certificate.
    public let key: String
    /// The name that was signed; empty where the format signs none.
    public let identity: String
    /// Where the signature was found, without credentials.
    public let source: String

    init(_ kind: Kind, key: String, identity: String, source: String) {
      self.kind = kind
      self.key = key
      self.identity = identity
      self.source = source
    }
  }
}
