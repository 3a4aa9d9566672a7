import ContainerEngine
import Signatures
import Wire

/// Finds the image that a reference means, once: containers are created by the Id that was found, so
/// a tag that moves meanwhile changes nothing.
/// A plan has a store of its own.
actor ImageStore: Equatable {
  private let engine: Engine
  private let credentials: CredentialStore
  /// Bounds how many images are pulled at once, over all plans.
  private let pulls: ContainerSlots
  private let log: @Sendable (String) -> Void
  /// Nil where all images may run.
  private nonisolated let trust: ImageTrust?
  private var known: [String: Task<ImageDetails, any Error>] = [:]
  private var found: [String: String] = [:]

  init(
    engine: Engine, credentials: CredentialStore, pulls: ContainerSlots, trust: ImageTrust?,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.engine = engine
    self.credentials = credentials
    self.pulls = pulls
    self.trust = trust
    self.log = log
  }

  /// The image, pulled if the engine does not have it. Concurrent calls share one pull; a failure is
  /// not remembered.
  func image(_ reference: String) async throws(Fault) -> ImageDetails {
    let search = known[reference] ?? Task { try await find(reference) }
    known[reference] = search
    do {
      let image = try await search.sharedValue
      found[reference] = image.id
      return image
    } catch {
      // A caller that stops waiting says nothing about the image.
      if !(error is CancellationError), known[reference] == search { known[reference] = nil }
      throw Self.fault(error, reference)
    }
  }

  /// References that mean another image now, or none.
  ///
  /// - Parameter next: of the plan to come, whose policy and keys judge.
  func moved(for next: ImageStore?) async -> Set<String> {
    if let trust = next?.trust { return await moved(judgedBy: trust) }
    var moved: Set<String> = []
    for (text, id) in found {
      do {
        let reference = try ImageReference(text)
        let now = try await engine.inspectImage(reference.withDefaultTag)?.id
        if now != id { moved.insert(text) }
      } catch {
        // An engine that does not answer has not moved a tag; the next start says what is wrong.
        continue
      }
    }
    return moved
  }

  /// What is not trusted any more has moved; what cannot be asked for now has not.
  private func moved(judgedBy trust: ImageTrust) async -> Set<String> {
    var moved: Set<String> = []
    for (text, id) in found {
      guard let reference = try? ImageReference(text) else { continue }
      do throws(Rejection) {
        if try await !trust.verify(reference).isRun(asID: id) { moved.insert(text) }
      } catch { if !Fault(error).isRetryable { moved.insert(text) } }
    }
    return moved
  }

  static func == (one: ImageStore, other: ImageStore) -> Bool { one === other }

  private func find(_ text: String) async throws -> ImageDetails {
    let reference = try ImageReference(text)
    if let trust { return try await findVerified(reference, trust) }
    // A digest says which bytes are meant, so only an image known by it will do. A tag that the
    // engine has is taken as it is: this is how operators run images that they built.
    if let local = try await engine.inspectImage(reference.withDefaultTag),
      reference.digest == nil || local.isKnown(as: reference)
    {
      return local
    }
    return try await pull(reference)
  }

  /// Only what was verified is taken, by its digest: a tag, of the registry or of the engine, proves
  /// nothing and may move at any time.
  private func findVerified(
    _ reference: ImageReference, _ trust: ImageTrust
  ) async throws -> ImageDetails {
    let verified = try await trust.verify(reference)
    let pinned = try verified.pinned
    var details = try await engine.inspectImage(pinned)
    if details?.isKnown(as: pinned) != true { details = try await pull(pinned) }
    guard let details, verified.isRun(asID: details.id) else {
      throw Rejection(
        .manifestMismatch,
        "the engine has another image than the verified one under \(pinned): "
          + "\(details?.id ?? "none") instead of \(verified.configDigest)")
    }
    trust.announce(verified)
    return details
  }

  private func pull(_ reference: ImageReference) async throws -> ImageDetails {
    // Images are large: those before it may take long.
    let place = try await pulls.acquire(.call, within: .seconds(3_600))
    defer { place.release() }
    log("  - Pulling \(reference)")
    let pulled = try await engine.pull(
      reference, credentials: try await credentials.credentials(for: reference))
    guard reference.digest == nil || pulled.isKnown(as: reference) else {
      throw Fault(
        .image, from: .engine, "the engine pulled \(reference) and has it under another digest")
    }
    return pulled
  }

  private static func fault(_ error: any Error, _ reference: String) -> Fault {
    switch error {
    case let fault as Fault: fault
    case let rejection as Rejection: Fault(rejection)
    case let refusal as Refusal:
      Fault(.image, from: .gateway, refusal.message, isRetryable: true)
    case let error as EngineError where error.kind == .unreachable:
      Fault(.engine, from: .engine, error.description, isRetryable: true)
    case let error as EngineError:
      Fault(
        .image, from: .engine, "image \(PrintableText(reference)): \(error)",
        isRetryable: error.kind == .timeout)
    case let problem as ImageReferenceProblem:
      Fault(.image, from: .gateway, problem.description)
    case is CancellationError: Fault(.cancelled, from: .client, "the pull was cancelled")
    default: Fault(.image, from: .engine, "image \(PrintableText(reference)): \(error)")
    }
  }
}
