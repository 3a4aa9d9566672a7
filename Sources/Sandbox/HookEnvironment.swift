/// The variables that an `exec` hook gets.
enum HookEnvironment {
  /// What programs need to find each other and to speak the user's language. None is a secret.
  private static let passed = ["HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ"]

  static func variables(
    of gateway: [String: String], searchPath: [String], granted: [String: String]
  ) -> [String: String] {
    var variables = gateway.filter { passed.contains($0.key) }
    variables["PATH"] = searchPath.joined(separator: ":")
    return variables.merging(granted) { _, granted in granted }
  }
}
