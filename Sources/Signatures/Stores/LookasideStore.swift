import Wire

/// A folder or web server that keeps the signatures of images as numbered files.
struct LookasideStore: Sendable {
  let transport: any WebTransport

  static let mostSignatures = 128

  /// One file of it.
  struct Found: Sendable, Hashable {
    /// Where it was, without credentials.
    let source: String
    let bytes: [UInt8]
  }

  /// All signatures for a manifest, up to the first number that is not there. Any other failure
  /// rejects: a store that is down must not look like one without signatures.
  func signatures(
    base: String, of digest: ContentDigest, repository path: String, until deadline: Deadline
  ) async throws(Rejection) -> [Found] {
    let folder =
      "\(base.hasSuffix("/") ? String(base.dropLast()) : base)/\(path)@sha256=\(digest.hex)"
    var found: [Found] = []
    var room = SignatureBlob.mostInAll
    for number in 1...(Self.mostSignatures + 1) {
      let source = "\(folder)/signature-\(number)"
      guard let bytes = try await file(source, deadline) else { return found }
      try SignatureBlob.spend(bytes.count, of: &room, at: Self.shown(folder))
      found.append(Found(source: Self.shown(source), bytes: bytes))
    }
    throw Rejection(
      .tooMany, "\(Self.shown(folder)) holds more than \(Self.mostSignatures) signatures")
  }

  /// Nil where there is none.
  private func file(_ url: String, _ deadline: Deadline) async throws(Rejection) -> [UInt8]? {
    if url.hasPrefix("file://") { return try Self.localFile(String(url.dropFirst(7))) }
    guard let parsed = try? RemoteURL(url) else {
      throw Rejection(
        .lookasideError, "the signature store \(Self.shown(url)) is no file, http or https URL")
    }
    return try await remoteFile(parsed, deadline)
  }

  private static func localFile(_ path: String) throws(Rejection) -> [UInt8]? {
    guard path.hasPrefix("/") else {
      throw Rejection(.lookasideError, "the signature store file://\(path) is no absolute path")
    }
    do { return try BoundedFile.bytes(at: path, limit: SignatureBlob.largest) } catch {
      switch error {
      case .missing: return nil
      case .tooLarge: throw Rejection(.tooLarge, "the signature \(path) \(error.description)")
      default: throw Rejection(.lookasideError, "the signature \(path) \(error.description)")
      }
    }
  }

  private func remoteFile(
    _ url: RemoteURL, _ deadline: Deadline
  ) async throws(Rejection) -> [UInt8]? {
    let request = WebRequest(
      url.text, reach: .anywhere, maximumBytes: SignatureBlob.largest,
      deadline: deadline.within(RegistryClient.requestTime))
    let answer: WebAnswer
    do { answer = try await RedirectFollower(transport: transport).send(request) } catch {
      throw Rejection(
        error.kind == .tooLarge ? .tooLarge : .lookasideError,
        "the signature store \(url.shown): \(error.message)")
    }
    switch answer.status {
    case 200: return answer.body
    case 404: return nil
    case let status:
      throw Rejection(.lookasideError, "the signature store answers \(status) for \(url.shown)")
    }
  }

  /// Without a query or a user, which may be a secret.
  private static func shown(_ url: String) -> String {
    let plain = String(url.prefix { $0 != "?" })
    guard !plain.hasPrefix("file://"), let at = plain.lastIndex(of: "@"),
      let slashes = plain.firstRange(of: "://"),
      plain[slashes.upperBound...].prefix(while: { $0 != "/" }).contains("@")
    else { return plain }
    return plain[..<slashes.upperBound] + "…" + plain[at...]
  }
}
