import Wire

/// Decides which images may run: resolves a reference to digests, finds the signatures, and checks
/// the requirements of the policy. Holds connections, tokens and imported keys, so one is made for
/// many images.
public final class ImageVerifier: Sendable {
  /// What surrounds the decision.
  public struct Surroundings: Sendable {
    public var transport: any WebTransport
    public var logins: RegistryLogins
    public var platform: Platform
    /// Plain http for registries on other machines.
    public var allowsInsecureRegistries = false
    /// Where private key folders are made, for as long as something is verified.
    public var temporaryFolder: String
    /// For one image in all.
    public var timeLimit = Duration.seconds(30)

    public init(
      transport: any WebTransport, logins: @escaping RegistryLogins, platform: Platform,
      temporaryFolder: String
    ) {
      self.transport = transport
      self.logins = logins
      self.platform = platform
      self.temporaryFolder = temporaryFolder
    }
  }

  public let policy: PolicyChoice
  private let registries: RegistriesConfiguration
  private let surroundings: Surroundings
  private let client: RegistryClient
  private let keyrings: GPGKeyrings
  private let turns = Turns(4)
  private let known = KnownImages()

  public init(
    policy: PolicyChoice, registries: RegistriesConfiguration, _ surroundings: Surroundings
  ) {
    self.policy = policy
    self.registries = registries
    self.surroundings = surroundings
    client = RegistryClient(
      transport: surroundings.transport, logins: surroundings.logins,
      allowsInsecure: surroundings.allowsInsecureRegistries)
    keyrings = GPGKeyrings(folder: surroundings.temporaryFolder)
  }

  /// The digests that may run under this reference. Every failure is a rejection.
  public func verify(_ reference: ImageReference) async throws(Rejection) -> VerifiedImage {
    let reference = reference.withDefaultTag
    // The same registry in another spelling would slip past the entry that is about it.
    guard reference.domain == reference.domain.lowercased(), !reference.domain.hasSuffix(":443")
    else {
      throw Rejection(
        .badReference, "\(reference.domain) is not how a policy would name this registry",
        hint: "write it in lower case and without the port 443")
    }
    let choice = try policy.requirements(for: reference)
    try Self.refuseAtOnce(choice, reference)
    if let image = await known.image(reference) { return image }
    await turns.take()
    await keyrings.enter()
    let result = await Self.result { () async throws(Rejection) in
      try await self.verify(reference, choice)
    }
    await keyrings.leave()
    await turns.giveBack()
    let image = try result.get()
    await known.add(image)
    return image
  }

  /// Verifies several at once; the outcomes are in the same order. Keys are imported once.
  public func verifyAll(
    _ references: [ImageReference]
  ) async -> [Result<VerifiedImage, Rejection>] {
    await keyrings.enter()
    let outcomes = await withTaskGroup(of: (Int, Result<VerifiedImage, Rejection>).self) { group in
      for (index, reference) in references.enumerated() {
        group.addTask {
          let result = await Self.result { () async throws(Rejection) in
            try await self.verify(reference)
          }
          return (index, result)
        }
      }
      return await group.reduce(into: [:]) { all, one in all[one.0] = one.1 }
    }
    await keyrings.leave()
    return references.indices.compactMap { outcomes[$0] }
  }

  /// Which entry of which policy speaks for an image and what it demands, for people.
  public func explanation(of reference: ImageReference) -> String {
    let reference = reference.withDefaultTag
    do {
      let choice = try policy.requirements(for: reference)
      let source = choice.place.hasPrefix("the built-in") ? "" : "\(policy.policy?.source ?? ""): "
      let demands = choice.requirements.map(\.summary).joined(separator: " and ")
      return "\(reference): \(source)\(choice.place) demands \(demands)"
    } catch { return "\(reference): \(error.message)" }
  }

  // MARK: One image

  /// No network is used for what cannot pass.
  private static func refuseAtOnce(
    _ choice: TrustPolicy.Choice, _ reference: ImageReference
  ) throws(Rejection) {
    guard choice.requirements.contains(.reject) else { return }
    throw Rejection(
      .policyReject, "the policy rejects \(reference) (\(choice.place))",
      hint: PolicyAdvice.hint(.policyReject, for: reference, signedAs: nil))
  }

  private func verify(
    _ reference: ImageReference, _ choice: TrustPolicy.Choice
  ) async throws(Rejection) -> VerifiedImage {
    let deadline = Deadline(after: surroundings.timeLimit)
    let image = try await ResolvedImage.resolve(
      reference, for: surroundings.platform, through: client, until: deadline)
    let check = RequirementCheck(
      image: image,
      sources: SignatureSources(
        image, client, LookasideStore(transport: surroundings.transport), registries,
        until: deadline),
      keyrings: keyrings, registries: registries, deadline: deadline)
    var proofs: [VerifiedImage.Proof] = []
    for requirement in choice.requirements {
      do throws(Rejection) {
        if let proof = try await check.pass(requirement) { proofs.append(proof) }
      } catch {
        throw Rejection(
          error.code, "\(error.message) (\(choice.place) demands \(requirement.summary))",
          hint: error.hint ?? PolicyAdvice.hint(error.code, for: reference, signedAs: nil))
      }
    }
    return VerifiedImage(
      reference: reference, topDigest: image.top, platformDigest: image.platform,
      configDigest: image.config, proofs: proofs, warnings: try warnings(choice, reference, proofs))
  }

  private func warnings(
    _ choice: TrustPolicy.Choice, _ reference: ImageReference, _ proofs: [VerifiedImage.Proof]
  ) throws(Rejection) -> [String] {
    var warnings: [String] = []
    if proofs.isEmpty {
      if case .system(let policy) = policy {
        throw Rejection(
          .policyReject,
          "\(policy.source) accepts \(reference) without any proof (\(choice.place)), which does "
            + "not count for a policy that was not written for this gateway",
          hint: "name a policy of your own with --signature-policy FILE")
      }
      warnings.append(
        "\(reference) is accepted without any proof: \(choice.place) says insecureAcceptAnything")
    }
    return warnings
  }

  private static func result<Value: Sendable>(
    _ work: () async throws(Rejection) -> Value
  ) async -> Result<Value, Rejection> {
    do throws(Rejection) { return .success(try await work()) } catch { return .failure(error) }
  }
}

/// Verdicts of this run about exact content. A tag is asked for anew each time.
private actor KnownImages {
  private static let most = 10_000
  private var images: [ImageReference: VerifiedImage] = [:]

  func image(_ reference: ImageReference) -> VerifiedImage? { images[reference] }

  func add(_ image: VerifiedImage) {
    guard image.reference.digest != nil, images.count < Self.most else { return }
    images[image.reference] = image
  }
}

extension Requirement {
  /// For people.
  var summary: String {
    switch self {
    case .insecureAcceptAnything, .reject, .signedBaseLayer: type
    case .signedBy(let demand):
      "\(type) one of \(demand.keys.map(\.name)) under \(demand.identity.type)"
    case .sigstoreSigned(let demand):
      "\(type) \(demand.trust.summary)\(demand.logKeys.isEmpty ? "" : " with a log entry") under "
        + (demand.ignoresIdentity ? "any name" : demand.identity.type)
    }
  }
}

extension Requirement.SigstoreSigned.Trust {
  fileprivate var summary: String {
    switch self {
    case .keys(let keys): "by one of \(keys.map(\.name))"
    case .fulcio(_, let issuer, let email): "by \(email) as \(issuer) knows it"
    case .pki(_, _, let email, let host):
      "by \([email, host].compactMap(\.self).joined(separator: ", "))"
    }
  }
}
