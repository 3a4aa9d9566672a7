import Wire

/// A `docker-credential-…` program: gets a registry on standard input, answers JSON.
struct CredentialHelper: Sendable {
  private let program: String
  private let environment: [String: String]

  init(_ name: String, environment: [String: String]) throws {
    let plain = name.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || "_.-".utf8.contains(byte)
    }
    guard plain, !name.isEmpty else {
      throw EngineError(
        .refused, "run a credential helper", "\"\(name)\" is not the name of a credential helper")
    }
    program = "docker-credential-\(name)"
    self.environment = ChildEnvironment.withoutOwn(environment)
  }

  /// Nil if the helper knows nothing of this registry.
  func get(_ server: String) async throws -> RegistryCredentials? {
    let operation = "ask \(program) for \(server)"
    let result = try await ChildProcess.run(
      program, ["get"], input: Array(server.utf8), environment: environment,
      timeout: .seconds(20), operation)
    guard result.exitCode == 0 else {
      if Self.saysNotFound(result.output) { return nil }
      // The output is not quoted: what a broken helper prints may be the secret.
      throw EngineError(.failed, operation, "it ended with exit code \(result.exitCode)")
    }
    guard let json = try? JSONText(validating: result.output),
      let user = json["Username"]?.string, let secret = json["Secret"]?.string
    else { throw EngineError(.malformed, operation, "its answer lacks Username or Secret") }
    if secret.isEmpty { return nil }
    // The protocol's mark for a token that stands for user and password.
    return user == "<token>"
      ? RegistryCredentials(username: "", password: "", identityToken: secret, server: server)
      : RegistryCredentials(username: user, password: secret, server: server)
  }

  /// The protocol has no code for it; all helpers print this sentence of the reference library.
  private static func saysNotFound(_ output: [UInt8]) -> Bool {
    String(decoding: output, as: UTF8.self).contains("credentials not found")
  }
}
