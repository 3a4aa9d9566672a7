import Wire

/// A form of a server that asks a person for a secret: servers must not (MCP, Elicitation, Security),
/// and what a person types there passes a model's host. Known by the names and titles of its fields.
enum SecretForm {
  /// Compared without case, spaces and punctuation: the whole name, or its end.
  private static let endings = [
    "password", "passwd", "passphrase", "passcode", "secret", "apikey", "secretkey", "privatekey",
    "accesskey", "apitoken", "accesstoken", "refreshtoken", "authtoken", "bearertoken",
    "creditcard", "cardnumber", "creditcardnumber", "seedphrase", "recoveryphrase",
  ]
  private static let wholes: Set<String> = ["token", "cvv", "cvc", "ssn", "otp", "pin", "pincode"]

  static func check(_ ask: ServerAsk) throws(Refusal) {
    guard ask.method == .elicit, let fields = ask.params["requestedSchema"]?["properties"] else {
      return
    }
    for field in fields.members
    where asks(field.name) || field.value["title"]?.string.map(asks) == true {
      throw Refusal(
        .secretFound, rule: "elicitation",
        path: "requestedSchema.properties.\(PrintableText(field.name))",
        message: "\(ask.server) asks a person for a secret in a form; secrets are configured, or "
          + "entered at a URL of the server")
    }
  }

  private static func asks(_ name: String) -> Bool {
    let plain = name.lowercased().filter { $0.isLetter || $0.isNumber }
    return wholes.contains(plain) || endings.contains { plain.hasSuffix($0) }
  }
}
