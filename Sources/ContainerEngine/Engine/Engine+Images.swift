import NIOCore
import Wire

/// A tar archive to be sent to the engine.
public enum TarSource: Sendable {
  case bytes([UInt8])
  /// Path of a file on our machine.
  case file(String)
}

extension Engine {
  /// The image under this name, or nil if the engine has none.
  public func inspectImage(_ reference: ImageReference) async throws -> ImageDetails? {
    try await inspectImage(named: reference.engineName)
  }

  /// The image with this Id (`sha256:…`), or nil if the engine has none.
  public func inspectImage(id: String) async throws -> ImageDetails? {
    try await inspectImage(named: id)
  }

  private func inspectImage(named name: String) async throws -> ImageDetails? {
    let path = "/images/\(EngineRequest.escape(name))/json"
    let request = EngineRequest("inspect image \(name)", .GET, path)
    do {
      let json = try await json(request)
      guard let details = ImageDetails(json) else {
        throw EngineError(.malformed, request.operation, "the engine's answer has no Id")
      }
      return details
    } catch let error as EngineError where error.kind == .notFound { return nil }
  }

  /// Makes an image of a root file system and names it. Nothing is pulled.
  ///
  /// - Parameter changes: Dockerfile lines: `ENTRYPOINT ["/bin/app"]`, `LABEL a=b`, `USER 1000`.
  /// - Returns: The Id of the image.
  public func importImage(
    _ tar: TarSource, as reference: ImageReference, changes: [String] = []
  ) async throws -> String {
    var request = EngineRequest("import image \(reference)", .POST, "/images/create")
    request.query = [("fromSrc", "-"), ("repo", reference.repository)]
    request.query += reference.tag.map { [("tag", $0)] } ?? []
    request.query += changes.map { ("changes", $0) }
    request.headers = [("Content-Type", "application/x-tar")]
    request.limit = .silence(.seconds(120))
    request.body = .stream { write in try await tar.forEachChunk(write) }
    return try await importedID(send(request))
  }

  /// The last status that the engine reports is the Id.
  private func importedID(_ response: EngineResponse) async throws -> String {
    defer { response.close() }
    var progress = ProgressReader(response)
    var id: String?
    while let report = try await progress.next() {
      if report.status.hasPrefix("sha256:") { id = report.status }
    }
    guard let id else {
      throw EngineError(
        .malformed, response.operation, "the engine ended without naming the image")
    }
    return id
  }

  /// Gives an image another name.
  public func tagImage(id: String, as reference: ImageReference) async throws {
    var request = EngineRequest(
      "tag image as \(reference)", .POST, "/images/\(EngineRequest.escape(id))/tag")
    request.query = [("repo", reference.repository), ("tag", reference.tag ?? "latest")]
    try await perform(request)
  }

  /// Removes a name or, by Id, an image. One that is not there is fine.
  public func removeImage(_ nameOrID: String, force: Bool = false) async throws {
    var request = EngineRequest(
      "remove image \(nameOrID)", .DELETE, "/images/\(EngineRequest.escape(nameOrID))")
    request.query = [("force", force ? "true" : "false")]
    request.limit = .whole(.seconds(60))
    do { try await perform(request) } catch let error as EngineError where error.kind == .notFound {
    }
  }
}

extension ImageReference {
  /// The name to ask the engine for: a digest decides, and a tag beside it could disagree.
  var engineName: String {
    digest.map { "\(repository)@\($0)" } ?? withDefaultTag.description
  }
}
