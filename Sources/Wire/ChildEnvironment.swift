/// The environment that programs get which the gateway starts.
public enum ChildEnvironment {
  /// Prefixes of the variables that are meant for the gateway alone; among them is its token.
  private static let own = ["MCP_GATEWAY_", "DOCKER_MCP_"]

  /// `variables` without the gateway's own.
  ///
  /// A list of what is taken out, not of what is let in: a credential helper is a program that the
  /// user chose for the docker CLI, which gives it everything, and helpers of clouds and password
  /// managers read variables that nobody can list (`AWS_…`, `GOOGLE_…`, `DBUS_…`, `GNUPGHOME`). What
  /// nobody but the gateway has a use for is known exactly.
  public static func withoutOwn(_ variables: [String: String]) -> [String: String] {
    variables.filter { name, _ in !own.contains { name.hasPrefix($0) } }
  }
}
