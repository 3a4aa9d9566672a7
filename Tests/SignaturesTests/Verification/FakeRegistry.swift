import Foundation
import Synchronization
import Wire

@testable import Signatures

/// A registry and a signature store in memory, which say what a test wants them to say.
final class FakeRegistry: WebTransport {
  typealias Answering = @Sendable (WebRequest) throws(WebFailure) -> WebAnswer

  private struct State {
    var answers: [String: Answering] = [:]
    var requests: [WebRequest] = []
  }
  private let state = Mutex(State())

  static let host = "https://registry.test"

  init() { on("\(Self.host)/v2/", status: 200) }

  /// All URLs that were asked for, in order.
  var asked: [String] { state.withLock { $0.requests.map(\.url) } }
  var requests: [WebRequest] { state.withLock { $0.requests } }

  func send(_ request: WebRequest) async throws(WebFailure) -> WebAnswer {
    let answer = state.withLock { state in
      state.requests.append(request)
      return state.answers[request.url]
    }
    guard let answer else { return Self.answer(404) }
    let found = try answer(request)
    guard found.body.count <= request.maximumBytes else {
      throw WebFailure(.tooLarge, "it sent more than allowed")
    }
    return found
  }

  func answer(_ url: String, _ answering: @escaping Answering) {
    state.withLock { $0.answers[url] = answering }
  }

  func on(
    _ url: String, status: Int, _ body: [UInt8] = [], _ headers: [(String, String)] = [],
    isPublic: Bool = true
  ) {
    let answer = Self.answer(status, body, headers, isPublic: isPublic)
    self.answer(url) { (_) throws(WebFailure) in answer }
  }

  func fail(_ url: String, _ kind: WebFailure.Kind) {
    answer(url) { (_) throws(WebFailure) in throw WebFailure(kind, "as the test wants it") }
  }

  static func answer(
    _ status: Int, _ body: [UInt8] = [], _ headers: [(String, String)] = [], isPublic: Bool = true
  ) -> WebAnswer {
    WebAnswer(
      status: status, headers: headers.map { (name: $0.0, value: $0.1) }, body: body,
      isPublic: isPublic)
  }

  // MARK: Content

  static let oci = ManifestDocument.ociManifest

  func manifestURL(_ name: String, of path: String = "ns/app") -> String {
    "\(Self.host)/v2/\(path)/manifests/\(name)"
  }

  /// Serves a manifest by its digest and, if there is one, by a tag.
  @discardableResult
  func put(
    _ bytes: [UInt8], tag: String? = nil, type: String = oci, of path: String = "ns/app"
  ) -> ContentDigest {
    let digest = ContentDigest(of: bytes)
    for name in [digest.description] + [tag].compactMap(\.self) {
      on(manifestURL(name, of: path), status: 200, bytes, [("Content-Type", type)])
    }
    return digest
  }

  @discardableResult
  func putBlob(_ bytes: [UInt8], of path: String = "ns/app") -> ContentDigest {
    let digest = ContentDigest(of: bytes)
    on("\(Self.host)/v2/\(path)/blobs/\(digest)", status: 200, bytes)
    return digest
  }

  static let store = "https://store.test/x"

  /// Serves signatures as the files of a lookaside store.
  func putSignatures(_ blobs: [[UInt8]], of digest: ContentDigest, path: String = "ns/app") {
    for (index, blob) in blobs.enumerated() {
      on(storeURL(index + 1, of: digest, path: path), status: 200, blob)
    }
  }

  func storeURL(_ number: Int, of digest: ContentDigest, path: String = "ns/app") -> String {
    "\(Self.store)/\(path)@sha256=\(digest.hex)/signature-\(number)"
  }
}

/// Texts of manifests.
enum Manifests {
  static let config = "sha256:" + String(repeating: "c", count: 64)

  static func image(
    config: String = config, layers: String = "", type: String? = FakeRegistry.oci,
    more: String = ""
  ) -> [UInt8] {
    let type = type.map { #""mediaType":"\#($0)","# } ?? ""
    return Array(
      (#"{"schemaVersion":2,\#(type)"config":{"mediaType":"application/vnd.oci.image.config.v1+json","#
        + #""digest":"\#(config)","size":2},"layers":[\#(layers)]\#(more)}"#).utf8)
  }

  static func entry(_ digest: ContentDigest, _ architecture: String, system: String = "linux")
    -> String
  {
    #"{"mediaType":"\#(FakeRegistry.oci)","digest":"\#(digest)","size":9,"platform":{"os":"\#(system)","architecture":"\#(architecture)"}}"#
  }

  static func index(_ entries: [String], more: String = "") -> [UInt8] {
    Array(
      (#"{"schemaVersion":2,"mediaType":"\#(ManifestDocument.ociIndex)","manifests":["#
        + entries.joined(separator: ",") + "]\(more)}").utf8)
  }
}

/// A verifier over a fake registry, made for one test.
struct VerifierRig {
  let registry = FakeRegistry()
  var configuration = "default-docker:\n  lookaside: \(FakeRegistry.store)\n"
  var policy: PolicyChoice = .builtInOnly

  static let gpg = #"[{"type":"signedBy","keyType":"GPGKeys","keyPath":"trusted.gpg"}]"#

  /// A rig whose policy has these requirements for all of registry.test.
  init(_ requirements: String = gpg, isSystem: Bool = false) throws {
    let text =
      #"{"default":[{"type":"reject"}],"transports":{"docker":{"registry.test":\#(requirements)}}}"#
    let read = try TrustPolicy(
      Array(text.utf8), source: "policy.json", folder: "\(Fixture.folder)/keys")
    policy = isSystem ? .system(read) : .named(read)
  }

  func verifier(
    logins: @escaping RegistryLogins = { _ in nil }, timeLimit: Duration = .seconds(3_600)
  ) throws -> ImageVerifier {
    var registries = RegistriesConfiguration(standardLookaside: "file:///nowhere/at/all")
    try registries.add(Array(configuration.utf8), source: "r.yaml")
    var surroundings = ImageVerifier.Surroundings(
      transport: registry, logins: logins, platform: Platform(architecture: "amd64"),
      temporaryFolder: FileManager.default.temporaryDirectory.path)
    surroundings.timeLimit = timeLimit
    return ImageVerifier(policy: policy, registries: registries, surroundings)
  }

  func verify(_ reference: String = Fixture.reference) async throws -> VerifiedImage {
    try await verifier().verify(ImageReference(reference))
  }

  /// The code of the rejection; nil for an accepted image.
  func code(_ reference: String = Fixture.reference) async throws -> RejectionCode? {
    let (verifier, image) = (try verifier(), try ImageReference(reference))
    do throws(Rejection) {
      _ = try await verifier.verify(image)
      return nil
    } catch { return error.code }
  }
}
