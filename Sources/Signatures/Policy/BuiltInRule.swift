import Wire

/// The rule for Docker's own MCP images, which holds where a policy has no scope for them: the keys
/// are public, so that images out of the public catalog need no configuration.
enum BuiltInRule {
  /// Nil for images that it does not speak of.
  static func choice(for image: ImageReference) -> TrustPolicy.Choice? {
    guard domains.contains(image.domain), image.path.hasPrefix("mcp/") else { return nil }
    return TrustPolicy.Choice(
      requirements: [.sigstoreSigned(requirement)], place: "the built-in rule for docker.io/mcp",
      isOwn: true)
  }

  /// Docker Hub under all its names; the third is written as the first when a reference is read.
  private static let domains: Set<String> = ["docker.io", "registry-1.docker.io"]

  /// The signed digest fixes the content. Which name Docker signs with it is reported only.
  private static let requirement = Requirement.SigstoreSigned(
    trust: .keys([.inline(Array(dockerKey.utf8), name: "Docker's key for MCP images")]),
    logKeys: [.inline(Array(rekorKey.utf8), name: "the key of rekor.sigstore.dev")],
    identity: .matchRepository, signatureRepository: "docker.io/mcp/signatures",
    ignoresIdentity: true)

  /// Docker's keyring, public/mcp/latest.pub.
  private static let dockerKey = """
    -----BEGIN PUBLIC KEY-----
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAETcvGv5qypnoxKkFIQOdXZ+2H6JN8
    8kmAQrMkTb6SmJ7BY59OJIOpTwdjD5joLot6zFs1Q7HHDmkF5HOaC8zSnA==
    -----END PUBLIC KEY-----
    """

  /// The public-good log, whose id is the sha256 of this key.
  private static let rekorKey = """
    -----BEGIN PUBLIC KEY-----
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2G2Y+2tabdTV5BcGiBIx0a9fAFwr
    kBbmLSGtks4L3qX6yYY0zufBnhC8Ur/iy55GhWP/9A/bY2LhC30M9+RYtw==
    -----END PUBLIC KEY-----
    """
}
