import Wire

/// A line of a pull's progress.
public struct PullProgress: Sendable, Hashable {
  /// The layer, or empty for a line about the whole.
  public let layer: String
  public let status: String
  /// Bytes done and expected, where the engine says.
  public let current: Int?
  public let total: Int?
}

extension Engine {
  /// Fetches an image from its registry. An error in the middle of the engine's progress report is
  /// an error here. Ends with a timeout when the engine reports nothing for `silence`.
  ///
  /// - Returns: What the engine then has under this reference.
  public func pull(
    _ reference: ImageReference, credentials: RegistryCredentials? = nil,
    silence: Duration = .seconds(120),
    progress: @Sendable (PullProgress) -> Void = { _ in }
  ) async throws -> ImageDetails {
    let wanted = reference.withDefaultTag
    var request = EngineRequest("pull \(wanted)", .POST, "/images/create")
    request.query = [("fromImage", wanted.repository), ("tag", wanted.digest ?? wanted.tag ?? "")]
    if let credentials { request.headers = [("X-Registry-Auth", credentials.headerValue)] }
    request.limit = .silence(silence)
    let response = try await send(request)
    defer { response.close() }
    var reader = ProgressReader(response)
    while let report = try await reader.next() { progress(report) }
    guard let details = try await inspectImage(wanted) else {
      throw EngineError(
        .failed, request.operation, "the engine reported success and does not have the image")
    }
    return details
  }
}
