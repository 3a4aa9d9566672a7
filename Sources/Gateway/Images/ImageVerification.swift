import ContainerEngine
import Signatures
import UnixSignals
import Wire

/// `gateway verify`: the verdict on images, without running anything.
public struct ImageVerification: Sendable {
  private let settings: ImageTrustSettings
  private let logins: CredentialStore
  private let explains: Bool

  /// What is printed: data for programs and talk for people.
  public struct Verdict: Sendable {
    /// One line of JSON.
    public let data: String
    /// For people; the last line of a rejection ends in its code.
    public let talk: [String]
    public let isAccepted: Bool
  }

  /// - Parameter explains: say which entry of the policy speaks for each image.
  public init(
    _ settings: ImageTrustSettings, dockerConfigFolder: String, variables: [String: String],
    explains: Bool
  ) {
    self.settings = settings
    self.explains = explains
    logins = CredentialStore(configurationFolder: dockerConfigFolder, environment: variables)
  }

  /// The verdicts, in the order of the images; nil if a signal ended it. Nothing is left behind
  /// either way.
  public func verdicts(on images: [String]) async -> [Verdict]? {
    await withTaskGroup(of: [Verdict]?.self) { group in
      group.addTask { await all(images) }
      group.addTask {
        for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup) { break }
        return nil
      }
      let first = await group.next()
      group.cancelAll()
      return first ?? nil
    }
  }

  private func all(_ images: [String]) async -> [Verdict] {
    let trust: ImageTrust
    do throws(PolicyProblem) {
      let reading = try TrustReading(settings)
      trust = ImageTrust(reading, logins: logins, platform: .own, log: { _ in })
    } catch {
      return images.map { Verdict($0, .failure(error.rejection), explanation: nil) }
    }
    let references = images.map { text in
      Result { () throws(ImageReferenceProblem) in try ImageReference(text) }
    }
    var outcomes = await trust.verifyAll(references.compactMap { try? $0.get() })[...]
    return zip(images, references).map { image, reference in
      switch reference {
      case .failure(let problem):
        return Verdict(
          image, .failure(Rejection(.badReference, problem.description)), explanation: nil)
      case .success(let reference):
        let missing = Rejection(.timeout, "the verification was called off")
        return Verdict(
          image, outcomes.popFirst() ?? .failure(missing),
          explanation: explains ? trust.explanation(of: reference) : nil)
      }
    }
  }
}

extension ImageVerification.Verdict {
  fileprivate init(
    _ image: String, _ outcome: Result<VerifiedImage, Rejection>, explanation: String?
  ) {
    let shown = PrintableText(image).description
    let lead = explanation.map { [$0] } ?? []
    switch outcome {
    case .success(let verified):
      isAccepted = true
      data = Self.json(image, verified).description
      talk = lead + verified.warnings.map { "warning: \($0)" }
    case .failure(let rejection):
      isAccepted = false
      data =
        JSONText(object: [
          ("image", JSONText(string: image)), ("verdict", JSONText(string: "rejected")),
          ("reason", JSONText(string: rejection.code.rawValue)),
        ]).description
      talk = lead + ["\(shown): \(rejection.description)"]
    }
  }

  private static func json(_ image: String, _ verified: VerifiedImage) -> JSONText {
    let proofs = verified.proofs.map { proof in
      JSONText(object: [
        ("type", JSONText(string: proof.kind.rawValue)), ("key", JSONText(string: proof.key)),
        ("identity", JSONText(string: proof.identity)),
      ])
    }
    return JSONText(object: [
      ("image", JSONText(string: image)), ("verdict", JSONText(string: "accepted")),
      ("digest", JSONText(string: verified.topDigest.description)),
      ("platformDigest", JSONText(string: verified.platformDigest.description)),
      ("configDigest", JSONText(string: verified.configDigest.description)),
      ("by", JSONText(array: proofs)),
    ])
  }
}
