import Wire

/// The errors in a registry's answer (distribution specification, "Error Codes"). Words of a
/// stranger: quoted for people, and read for one question.
struct RegistryErrors: Sendable {
  private let errors: [(code: String, message: String)]

  init(_ answer: WebAnswer) {
    let text = try? JSONText.strict(answer.body, limit: 1 << 20)
    errors = (text?["errors"]?.elements ?? []).prefix(8).map {
      ($0["code"]?.string ?? "", $0["message"]?.string ?? "")
    }
  }

  /// Whether it says that there is nothing of this name. Harbor and Red Hat's registry use the code
  /// UNKNOWN for it.
  var saysNotFound: Bool {
    errors.contains {
      ["MANIFEST_UNKNOWN", "NAME_UNKNOWN", "BLOB_UNKNOWN"].contains($0.code)
        || ($0.code == "UNKNOWN" && $0.message.lowercased().contains("not found"))
    }
  }

  var description: String {
    errors.map { "\(PrintableText($0.code, limit: 40)): \(PrintableText($0.message))" }
      .joined(separator: "; ")
  }
}

extension Rejection {
  init(_ failure: WebFailure, asking host: String) {
    let code: RejectionCode =
      switch failure.kind {
      case .unreachable: .registryUnreachable
      case .timeout: .timeout
      case .tooLarge: .tooLarge
      case .cutShort, .forbidden: .registryError
      }
    self.init(code, "\(host): \(failure.message)")
  }

  /// What an answer means that is no success.
  init(_ answer: WebAnswer, asking host: String, for what: String) {
    let errors = RegistryErrors(answer)
    let words = errors.description.isEmpty ? "" : " (\(errors.description))"
    switch answer.status {
    case 404:
      self.init(.imageNotFound, "\(host) has no \(what)\(words)")
    case 401, 403:
      self.init(
        .registryAuth, "\(host) does not let us read \(what)\(words)",
        hint: "log in with docker login \(host)")
    case let status:
      self.init(.registryError, "\(host) answers \(status) when asked for \(what)\(words)")
    }
  }
}
