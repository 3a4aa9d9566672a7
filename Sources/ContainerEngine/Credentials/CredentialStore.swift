import FoundationEssentials
import Wire

/// Where the docker CLI keeps what registries want to see: `config.json` itself, or the helper
/// program that it names for all registries or for one.
public struct CredentialStore: Sendable {
  private let folder: String
  private let environment: [String: String]

  /// - Parameters:
  ///   - configurationFolder: usually `~/.docker`; need not exist.
  ///   - environment: for finding and running helpers (`PATH`, `HOME`, session bus).
  public init(configurationFolder: String, environment: [String: String]) {
    folder = configurationFolder
    self.environment = environment
  }

  /// What is stored for the registry of an image; nil if nothing is, which is normal for public
  /// images. Read anew each time: people log in while we run.
  public func credentials(for reference: ImageReference) async throws -> RegistryCredentials? {
    try await credentials(forRegistry: reference.domain)
  }

  /// The same for all images of a registry, by the host and port in their names.
  public func credentials(forRegistry domain: String) async throws -> RegistryCredentials? {
    let operation = "read credentials for \(domain)"
    guard let config = try Self.configuration(in: folder, operation) else { return nil }
    let keys = Self.keys(for: domain)
    for key in keys {
      if let helper = Self.helper(for: key, in: config.text) {
        let found = try await CredentialHelper(helper, environment: environment).get(key)
        if let found { return found }
      } else if let found = try Self.stored(key, in: config) {
        return found
      }
    }
    return nil
  }

  private static func configuration(
    in folder: String, _ operation: String
  ) throws -> DockerConfiguration? {
    do { return try DockerConfiguration(folder: folder) } catch {
      throw EngineError(.refused, operation, "\(error)")
    }
  }

  /// Docker Hub is stored under the address of its first version.
  private static func keys(for domain: String) -> [String] {
    domain == "docker.io"
      ? ["https://index.docker.io/v1/", "index.docker.io", "docker.io"]
      : [domain, "https://\(domain)", "https://\(domain)/"]
  }

  private static func helper(for key: String, in config: JSONText) -> String? {
    let name = config["credHelpers"]?[key]?.string ?? config["credsStore"]?.string
    return name?.isEmpty == true ? nil : name
  }

  private static func stored(
    _ key: String, in config: DockerConfiguration
  ) throws -> RegistryCredentials? {
    guard let entry = config.text["auths"]?[key] else { return nil }
    if let token = entry["identitytoken"]?.string, !token.isEmpty {
      return RegistryCredentials(username: "", password: "", identityToken: token, server: key)
    }
    if let user = entry["username"]?.string, let password = entry["password"]?.string {
      return RegistryCredentials(username: user, password: password, server: key)
    }
    guard let encoded = entry["auth"]?.string, !encoded.isEmpty else { return nil }
    guard let bytes = Base64.decode(encoded), let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
    else {
      throw EngineError(
        .refused, "read credentials for \(key)",
        "\(config.path): \"auth\" is not base64 of user:password",
        hint: "log in again with docker login")
    }
    return RegistryCredentials(
      username: String(decoding: bytes[..<colon], as: UTF8.self),
      password: String(decoding: bytes[(colon + 1)...], as: UTF8.self), server: key)
  }
}
