/// The keys of one requirement, imported once into a home of their own.
final class GPGKeyring: Sendable {
  private let contexts: GPGContexts
  private let keys: [String: GPGKey]

  private init(_ contexts: GPGContexts, _ keys: [String: GPGKey]) {
    self.contexts = contexts
    self.keys = keys
  }

  /// Key material as it was read, and what to call it.
  struct Source: Sendable, Hashable {
    let name: String
    let bytes: [UInt8]
  }

  /// All sources must be keys, even if another one would do: an unusable key is a mistake in the
  /// policy, which must not stay unnoticed until the other one is withdrawn.
  static func load(
    _ sources: [Source], in folder: String, until deadline: Deadline
  ) async throws(Rejection) -> GPGKeyring {
    try await GPGQueue.run { () throws(Rejection) in
      let contexts = GPGContexts(try GPGHome(in: folder))
      let keys = try contexts.use(until: deadline) {
        (context) throws(Rejection) in
        for source in sources { try add(source, to: context) }
        return try context.keys()
      }
      guard !keys.isEmpty else { throw Rejection(.keyUnusable, "the policy's keys are no keys") }
      return GPGKeyring(contexts, keys)
    }
  }

  private static func add(_ source: Source, to context: GPGContext) throws(Rejection) {
    guard !source.bytes.isEmpty else {
      throw Rejection(.keyUnusable, "the key \(source.name) is empty")
    }
    let found = try context.importKeys(source.bytes)
    guard !found.holdsSecretKeys else {
      throw Rejection(
        .keyUnusable, "\(source.name) holds a secret key, which does not belong into a policy",
        hint: "write the public key with gpg --export")
    }
    guard !found.fingerprints.isEmpty else {
      throw Rejection(.keyUnusable, "\(source.name) is not an OpenPGP public key")
    }
  }

  func close() { contexts.close() }

  /// The signed text and the primary fingerprint of its signer.
  func verify(
    _ blob: [UInt8], until deadline: Deadline
  ) async throws(Rejection) -> (text: [UInt8], signer: String) {
    let (contexts, keys) = (contexts, keys)
    return try await GPGQueue.run { () throws(Rejection) in
      try CompressedPacket.checkEnd(of: blob)
      let outcome = try contexts.use(until: deadline) { (context) throws(Rejection) in
        try context.verify(blob)
      }
      return try SignatureVerdict.judge(outcome, keys: keys)
    }
  }
}

/// The keyrings in use. They live while images are being verified and are gone when nobody verifies
/// any more, so that a gateway that is killed later leaves nothing behind.
actor GPGKeyrings {
  private let folder: String
  private var users = 0
  private var keyrings: [[GPGKeyring.Source]: Task<Result<GPGKeyring, Rejection>, Never>] = [:]

  init(folder: String) { self.folder = folder }

  func enter() { users += 1 }

  /// When the last one leaves, nothing is left on disk once this returns.
  func leave() async {
    users -= 1
    guard users == 0 else { return }
    let unused = keyrings.values
    keyrings = [:]
    for loading in unused {
      if case .success(let keyring) = await loading.value { keyring.close() }
    }
  }

  /// Imports a set of keys once; a failure is not remembered.
  func keyring(
    for sources: [GPGKeyring.Source], until deadline: Deadline
  ) async throws(Rejection) -> GPGKeyring {
    let loading =
      keyrings[sources]
      ?? Task { [folder] in
        do throws(Rejection) {
          return .success(try await GPGKeyring.load(sources, in: folder, until: deadline))
        } catch { return .failure(error) }
      }
    keyrings[sources] = loading
    let result = await loading.value
    if case .failure = result, keyrings[sources] == loading { keyrings[sources] = nil }
    return try result.get()
  }
}
