import Catalog
import Wire

/// Where `secret set` keeps values. As a `SecretSource` it is what `docker-desktop` stands for on
/// an engine without Docker Desktop.
public protocol SecretStore: SecretSource {
  func set(_ name: SecretName, to value: Secret) async throws(Problem)
  /// Sorted.
  func names() async throws(Problem) -> [SecretName]
  /// False if there was none.
  func remove(_ name: SecretName) async throws(Problem) -> Bool
}

/// Which store this machine has: the docker CLI's credential helper where one is set up and
/// installed, and files only their owner can read otherwise.
public enum SecretStores {
  public static func store(
    dockerConfigFolder: String, mcpFolder: String, searchPath: String
  ) -> any SecretStore {
    let name = helperName(dockerConfigFolder: dockerConfigFolder)
    if let name, let program = CredentialHelper.find(name, in: searchPath) {
      return HelperSecretStore(CredentialHelper(program: program))
    }
    return FileSecretStore(folder: "\(mcpFolder)/secrets")
  }

  /// `credsStore` of the docker CLI's configuration. A file that cannot be read names none: it
  /// belongs to another program, which will say so itself.
  public static func helperName(dockerConfigFolder: String) -> String? {
    guard let bytes = try? OperatorFile("\(dockerConfigFolder)/config.json").read(),
      let config = try? JSONText(validating: bytes)
    else { return nil }
    return config["credsStore"]?.string
  }
}
