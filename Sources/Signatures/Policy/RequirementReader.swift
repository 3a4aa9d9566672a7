import Wire

/// Reads the requirements of a policy. Every member is known, or the policy is refused.
struct RequirementReader {
  /// What relative paths are relative to.
  let folder: String

  func requirements(
    _ elements: [JSONText], at place: String, in parent: StrictObject
  ) throws(FormFlaw) -> [Requirement] {
    guard !elements.isEmpty else {
      throw FormFlaw(
        "\(place) has no requirements; write {\"type\":\"reject\"} to reject",
        at: parent.text.offset)
    }
    var requirements: [Requirement] = []
    for (index, element) in elements.enumerated() {
      requirements.append(try requirement(element, at: "\(place)[\(index)]"))
    }
    return requirements
  }

  private func requirement(_ text: JSONText, at path: String) throws(FormFlaw) -> Requirement {
    let type = try StrictObject(text, at: path, required: ["type"], others: true).string("type")
    switch type {
    case "insecureAcceptAnything":
      _ = try StrictObject(text, at: path, required: ["type"])
      return .insecureAcceptAnything
    case "reject":
      _ = try StrictObject(text, at: path, required: ["type"])
      return .reject
    case "signedBy": return .signedBy(try signedBy(text, at: path))
    case "sigstoreSigned": return .sigstoreSigned(try sigstoreSigned(text, at: path))
    case "signedBaseLayer":
      let object = try StrictObject(text, at: path, required: ["type", "baseLayerIdentity"])
      _ = try identity(object, "baseLayerIdentity")
      return .signedBaseLayer
    default:
      throw FormFlaw(
        "\(path) has the unknown type \"\(PrintableText(type, limit: 60))\"", at: text.offset)
    }
  }

  private func signedBy(
    _ text: JSONText, at path: String
  ) throws(FormFlaw) -> Requirement.SignedBy {
    let object = try StrictObject(
      text, at: path, required: ["type", "keyType"],
      optional: ["keyPath", "keyPaths", "keyData", "signedIdentity"])
    guard let keyType = Requirement.SignedBy.KeyType(rawValue: try object.string("keyType")) else {
      throw FormFlaw(
        "\(path).keyType must be GPGKeys", at: try object.value("keyType").offset)
    }
    let keys = try materials(object, "keyPath", "keyPaths", "keyData", nil)
    guard let keys else { throw object.flaw("needs one of keyPath, keyPaths and keyData") }
    return .init(keyType: keyType, keys: keys, identity: try signedIdentity(object))
  }

  private func sigstoreSigned(
    _ text: JSONText, at path: String
  ) throws(FormFlaw) -> Requirement.SigstoreSigned {
    let object = try StrictObject(
      text, at: path, required: ["type"],
      optional: [
        "keyPath", "keyPaths", "keyData", "keyDatas", "fulcio", "pki", "rekorPublicKeyPath",
        "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas", "signedIdentity",
      ])
    let logKeys = try materials(
      object, "rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData",
      "rekorPublicKeyDatas")
    let trust = try trust(object)
    switch trust {
    case .fulcio where logKeys == nil:
      throw object.flaw("needs a Rekor key: a certificate is judged at the time of the log's entry")
    case .pki where logKeys != nil: throw object.flaw("must not have a Rekor key beside pki")
    default: break
    }
    return .init(trust: trust, logKeys: logKeys ?? [], identity: try signedIdentity(object))
  }

  private func trust(
    _ object: StrictObject
  ) throws(FormFlaw) -> Requirement.SigstoreSigned.Trust {
    var found: [Requirement.SigstoreSigned.Trust] = []
    if let keys = try materials(object, "keyPath", "keyPaths", "keyData", "keyDatas") {
      found.append(.keys(keys))
    }
    if object.has("fulcio") { found.append(try fulcio(object)) }
    if object.has("pki") { found.append(try pki(object)) }
    guard found.count == 1, let trust = found.first else {
      throw object.flaw(
        "needs exactly one of keyPath, keyPaths, keyData, keyDatas, fulcio and pki")
    }
    return trust
  }

  private func fulcio(
    _ parent: StrictObject
  ) throws(FormFlaw) -> Requirement.SigstoreSigned.Trust {
    let object = try parent.object(
      "fulcio", optional: ["caPath", "caData", "oidcIssuer", "subjectEmail"])
    guard let authority = try materials(object, "caPath", nil, "caData", nil)?.first else {
      throw object.flaw("needs one of caPath and caData")
    }
    guard let issuer = try text(object, "oidcIssuer"), let email = try text(object, "subjectEmail")
    else { throw object.flaw("needs oidcIssuer and subjectEmail") }
    return .fulcio(authority: authority, issuer: issuer, email: email)
  }

  private func pki(
    _ parent: StrictObject
  ) throws(FormFlaw) -> Requirement.SigstoreSigned.Trust {
    let object = try parent.object(
      "pki",
      optional: [
        "caRootsPath", "caRootsData", "caIntermediatesPath", "caIntermediatesData",
        "subjectEmail", "subjectHostname",
      ])
    guard let roots = try materials(object, "caRootsPath", nil, "caRootsData", nil)?.first else {
      throw object.flaw("needs one of caRootsPath and caRootsData")
    }
    let intermediates = try materials(
      object, "caIntermediatesPath", nil, "caIntermediatesData", nil)
    let email = try text(object, "subjectEmail")
    let host = try text(object, "subjectHostname")
    guard email != nil || host != nil else {
      throw object.flaw("needs one of subjectEmail and subjectHostname")
    }
    return .pki(roots: roots, intermediates: intermediates?.first, email: email, host: host)
  }

  // MARK: Keys

  /// The keys that at most one of the members names; nil if none is there. An empty string counts
  /// as absent, an empty list is an error.
  private func materials(
    _ object: StrictObject, _ path: String, _ paths: String?, _ data: String, _ datas: String?
  ) throws(FormFlaw) -> [KeyMaterial]? {
    var found: [[KeyMaterial]] = []
    if let file = try text(object, path) { found.append([.file(resolve(file))]) }
    if let paths, object.has(paths) {
      found.append(try nonEmpty(object, paths).map { .file(resolve($0)) })
    }
    if try text(object, data) != nil {
      found.append([.inline(try object.base64(data), name: object.member(data))])
    }
    if let datas, object.has(datas) { found.append(try inline(object, datas)) }
    guard found.count <= 1 else {
      let names = [path, paths, data, datas].compactMap(\.self).joined(separator: ", ")
      throw object.flaw("has more than one of \(names)")
    }
    return found.first
  }

  private func inline(
    _ object: StrictObject, _ name: String
  ) throws(FormFlaw) -> [KeyMaterial] {
    var keys: [KeyMaterial] = []
    for (index, text) in try nonEmpty(object, name).enumerated() {
      guard let bytes = StrictBase64.decode(text) else {
        throw FormFlaw(
          "\(object.member(name))[\(index)] is not standard base64 with padding",
          at: try object.value(name).offset)
      }
      keys.append(.inline(bytes, name: "\(object.member(name))[\(index)]"))
    }
    return keys
  }

  private func nonEmpty(_ object: StrictObject, _ name: String) throws(FormFlaw) -> [String] {
    let strings = try object.strings(name)
    guard !strings.isEmpty, !strings.contains("") else {
      throw FormFlaw(
        "\(object.member(name)) must hold at least one entry, and none that is empty",
        at: try object.value(name).offset)
    }
    return strings
  }

  private func text(_ object: StrictObject, _ name: String) throws(FormFlaw) -> String? {
    let text = try object.optionalString(name)
    return text == "" ? nil : text
  }

  private func resolve(_ path: String) -> String {
    path.hasPrefix("/") ? path : "\(folder)/\(path)"
  }

  // MARK: Identities

  private func signedIdentity(_ object: StrictObject) throws(FormFlaw) -> SignedIdentity {
    guard object.has("signedIdentity") else { return .matchRepoDigestOrExact }
    return try identity(object, "signedIdentity")
  }

  private func identity(
    _ parent: StrictObject, _ name: String
  ) throws(FormFlaw) -> SignedIdentity {
    let type = try parent.object(name, required: ["type"], others: true).string("type")
    switch type {
    case "matchExact", "matchRepoDigestOrExact", "matchRepository":
      _ = try parent.object(name, required: ["type"])
      if type == "matchExact" { return .matchExact }
      return type == "matchRepository" ? .matchRepository : .matchRepoDigestOrExact
    case "exactReference":
      let object = try parent.object(name, required: ["type", "dockerReference"])
      let exact = try reference(object, "dockerReference")
      guard exact.isSpecific else {
        throw object.flaw("needs a tag or digest in dockerReference")
      }
      return .exactReference(exact)
    case "exactRepository":
      let object = try parent.object(name, required: ["type", "dockerRepository"])
      return .exactRepository(try reference(object, "dockerRepository"))
    case "remapIdentity":
      let object = try parent.object(name, required: ["type", "prefix", "signedPrefix"])
      return .remapIdentity(
        prefix: try prefix(object, "prefix"), signedPrefix: try prefix(object, "signedPrefix"))
    default:
      throw FormFlaw(
        "\(parent.member(name)) has the unknown type \"\(PrintableText(type, limit: 60))\"",
        at: try parent.value(name).offset)
    }
  }

  private func reference(
    _ object: StrictObject, _ name: String
  ) throws(FormFlaw) -> ImageReference {
    let text = try object.string(name)
    do { return try ImageReference(text) } catch {
      throw FormFlaw("\(object.member(name)): \(error)", at: try object.value(name).offset)
    }
  }

  private func prefix(_ object: StrictObject, _ name: String) throws(FormFlaw) -> String {
    let text = try object.string(name)
    guard SignedIdentity.isPrefix(text) else {
      throw FormFlaw(
        "\(object.member(name)) must be a registry or a full name that starts with one, "
          + "without tag and digest", at: try object.value(name).offset)
    }
    return text
  }
}
