import ContainerEngine
import FoundationEssentials
import Glibc
import Signatures
import Synchronization
import Wire

/// Asks for signatures before an image runs. Every image of ours goes through ``ImageStore``, and
/// that through this.
final class ImageTrust: Sendable {
  /// Of the policy and of where signatures are: plans that agree on it judge alike.
  let identity: String
  private let verifier: ImageVerifier
  private let transport: RegistryTransport
  private let log: @Sendable (String) -> Void
  private let atWork = Mutex(0)

  init(
    _ reading: TrustReading, logins: CredentialStore, platform: Platform,
    log: @escaping @Sendable (String) -> Void
  ) {
    identity = reading.identity
    self.log = log
    let transport = RegistryTransport()
    self.transport = transport
    var surroundings = ImageVerifier.Surroundings(
      transport: transport, logins: logins.logins, platform: platform,
      temporaryFolder: reading.temporaryFolder)
    surroundings.allowsInsecureRegistries = reading.settings.allowsInsecureRegistries
    verifier = ImageVerifier(
      policy: reading.policy, registries: reading.registries, surroundings)
  }

  /// The digests that may run under this reference.
  func verify(_ reference: ImageReference) async throws(Rejection) -> VerifiedImage {
    try await whileConnected { () async throws(Rejection) in try await verifier.verify(reference) }
  }

  /// Several at once; the outcomes are in the same order.
  func verifyAll(_ references: [ImageReference]) async -> [Result<VerifiedImage, Rejection>] {
    await whileConnected { await verifier.verifyAll(references) }
  }

  func explanation(of reference: ImageReference) -> String {
    verifier.explanation(of: reference)
  }

  /// Says once, for people and logs, what an image runs by.
  func announce(_ image: VerifiedImage) {
    for warning in image.warnings { log("! \(PrintableText(warning, limit: 400))") }
    for proof in image.proofs {
      log(
        "  - Verified \(image.reference): \(image.topDigest) \(proof.kind.rawValue) "
          + "\(PrintableText(proof.key))")
    }
  }

  /// Connections do not outlive the verification: images are verified at starts, and seldom.
  private func whileConnected<Value, Failure: Error>(
    _ work: () async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    atWork.withLock { $0 += 1 }
    let result: Result<Value, Failure>
    do throws(Failure) { result = .success(try await work()) } catch { result = .failure(error) }
    let isLast = atWork.withLock { count in
      count -= 1
      return count == 0
    }
    if isLast { await transport.close() }
    return try result.get()
  }
}

/// The files that say whom to trust, as they were read.
struct TrustReading: Sendable {
  let settings: ImageTrustSettings
  let policy: PolicyChoice
  let registries: RegistriesConfiguration
  let warnings: [Problem]

  /// Throws the problem with its code.
  init(_ settings: ImageTrustSettings) throws(PolicyProblem) {
    self.settings = settings
    switch settings.policy {
    case .builtIn: policy = .builtInOnly
    case .system: policy = try .readSystem(homeFolder: settings.homeFolder)
    case .file(let path): policy = try .read(path, isSystem: false)
    }
    do throws(Problem) {
      registries = try RegistriesConfiguration(
        folder: Self.folder(settings), standardLookaside: Self.lookaside(settings.homeFolder))
    } catch { throw PolicyProblem(.configInvalid, error) }
    warnings = registries.warnings
  }

  var identity: String { "\(policy.digest) \(registries.hashValue)" }

  var temporaryFolder: String { FileManager.default.temporaryDirectory.path }

  private static func folder(_ settings: ImageTrustSettings) -> String {
    if let folder = settings.registriesFolder { return folder }
    let own = settings.homeFolder.map { "\($0)/.config/containers/registries.d" }
    if let own, FileManager.default.fileExists(atPath: own) { return own }
    return "/etc/containers/registries.d"
  }

  /// Where podman and skopeo keep signatures if nobody says otherwise.
  private static func lookaside(_ home: String?) -> String {
    guard geteuid() != 0, let home else { return "file:///var/lib/containers/sigstore" }
    return "file://\(home)/.local/share/containers/sigstore"
  }
}

extension CredentialStore {
  /// What verification may know of it.
  var logins: RegistryLogins {
    { domain in
      guard let found = try await credentials(forRegistry: domain) else { return nil }
      if let token = found.identityToken { return RegistryLogin(.identityToken(token)) }
      return RegistryLogin(.password(user: found.username, password: found.password))
    }
  }
}

extension Platform {
  /// That of the engine, which may run on another machine.
  init(of engine: Engine) async {
    let version = try? await engine.version()
    self = version.map { Platform(architecture: $0.architecture) } ?? .own
  }
}

extension Fault {
  init(_ rejection: Rejection) {
    self.init(
      .untrusted, from: .gateway, rejection.description,
      isRetryable: [.registryUnreachable, .timeout, .registryError].contains(rejection.code))
  }
}
