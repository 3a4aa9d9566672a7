import Wire

/// What a registry wants to see. Never described, logged or compared in error messages.
public struct RegistryCredentials: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
  package let username: String
  package let password: String
  package let identityToken: String?
  /// The registry as the engine knows it.
  let server: String

  public init(username: String, password: String, server: String) {
    self.init(username: username, password: password, identityToken: nil, server: server)
  }

  init(username: String, password: String, identityToken: String?, server: String) {
    self.username = username
    self.password = password
    self.identityToken = identityToken
    self.server = server
  }

  public var description: String { "credentials for \(server)" }
  public var customMirror: Mirror { Mirror(self, children: [:]) }

  /// The `X-Registry-Auth` header: JSON in URL-safe base64.
  var headerValue: String {
    var members = [("serveraddress", JSONText(string: server))]
    if let identityToken {
      members.append(("identitytoken", JSONText(string: identityToken)))
    } else {
      members += [
        ("username", JSONText(string: username)), ("password", JSONText(string: password)),
      ]
    }
    return Base64.encodeURLSafe(Array(JSONText(object: members).bytes))
  }
}
