import Wire

/// What the requests of an `http` hook carry beside the message, and whom they trust. Only policy
/// files have these, and the secrets among them come from elsewhere.
public struct HTTPHookOptions: Sendable, Hashable {
  public struct Header: Sendable, Hashable {
    public var name: String
    public var value: Secret

    public init(name: String, value: Secret) {
      self.name = name
      self.value = value
    }
  }

  /// Certificates in PEM to trust instead of the system's.
  public var trustedCertificates: [UInt8]?
  /// Signs requests with HMAC-SHA256; nil: they are not signed.
  public var signingKey: Secret?
  public var headers: [Header] = []

  public init() {}
}
