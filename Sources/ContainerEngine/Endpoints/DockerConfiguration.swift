import Wire

/// The docker CLI's `config.json`.
struct DockerConfiguration: Sendable {
  let path: String
  let text: JSONText

  /// Nil if the folder has no `config.json`.
  init?(folder: String) throws(EngineEndpointProblem) {
    let path = "\(folder)/config.json"
    guard let text = try SmallFile.json(at: path) else { return nil }
    guard text.kind == .object else {
      throw EngineEndpointProblem(path, "expected a JSON object")
    }
    self.path = path
    self.text = text
  }
}
