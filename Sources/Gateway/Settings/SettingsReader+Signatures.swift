import Wire

/// Whose signatures count for the images that run.
public struct ImageTrustSettings: Sendable, Hashable {
  public enum Policy: Sendable, Hashable {
    /// Only the built-in rule for Docker's MCP images.
    case builtIn
    /// The machine's own policy.json, on request only.
    case system
    case file(String)

    /// As it is written on the command line.
    public init(_ word: String?) {
      switch word {
      case nil: self = .builtIn
      case "system": self = .system
      case let path?: self = .file(path)
      }
    }
  }

  public var policy: Policy
  /// Where signatures are looked for; nil: the usual folders.
  public var registriesFolder: String?
  /// Of the operator, for the policy and the stores of this user.
  public var homeFolder: String?
  public var allowsInsecureRegistries: Bool

  public init(
    policy: Policy, registriesFolder: String?, homeFolder: String?,
    allowsInsecureRegistries: Bool
  ) {
    self.policy = policy
    self.registriesFolder = registriesFolder
    self.homeFolder = homeFolder
    self.allowsInsecureRegistries = allowsInsecureRegistries
  }
}

extension SettingsReader {
  mutating func readSignatures(_ flags: some ProtectionFlags) {
    guard flags.verifySignatures == true else {
      // A policy that is named and not applied would protect nobody.
      if flags.signaturePolicy != nil {
        refuse(
          "--signature-policy", "has no effect without --verify-signatures",
          hint: "add --verify-signatures")
      }
      return
    }
    if flags.signaturePolicy == "" {
      refuse("--signature-policy", "names no file", hint: "write a path, or system")
    }
    if settings.isStatic {
      refuse(
        "--verify-signatures", "cannot be used with --static, whose containers others start",
        hint: "verify their images with gateway verify")
    }
    settings.imageTrust = ImageTrustSettings(
      policy: .init(flags.signaturePolicy), registriesFolder: flags.registriesD,
      homeFolder: surroundings.home?.path,
      allowsInsecureRegistries: settings.allowInsecureRemoteURLs)
  }
}
