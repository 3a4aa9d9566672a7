import Wire

/// An entry of a transparency log and the log's promise to publish it (Rekor's signed entry
/// timestamp), checked offline.
struct LogEntry: Sendable, Hashable {
  /// The entry itself, JSON.
  var body: [UInt8]
  var integratedTime: Int64
  var logIndex: Int64
  /// Hexadecimal.
  var logID: String

  /// What was signed: RFC 8785 of the four members. Base64 and hex need no escapes.
  var canonicalForm: [UInt8] {
    Array(
      (#"{"body":"\#(StrictBase64.encode(body))","integratedTime":\#(integratedTime),"#
        + #""logID":"\#(logID)","logIndex":\#(logIndex)}"#).utf8)
  }

  /// The annotation `dev.sigstore.cosign/bundle`, of which every member is known.
  static func promised(
    annotation text: String, by keys: [SigstoreKey]
  ) throws(Rejection) -> LogEntry {
    let found: (entry: LogEntry, promise: [UInt8])
    do throws(FormFlaw) { found = try read(annotation: text) } catch {
      throw Rejection(.tlogInvalid, "the log entry: \(error)")
    }
    try found.entry.checkPromise(found.promise, by: keys)
    return found.entry
  }

  private static func read(
    annotation text: String
  ) throws(FormFlaw) -> (entry: LogEntry, promise: [UInt8]) {
    let object = try StrictObject(
      .strict(Array(text.utf8), limit: SignedPayload.largest), at: "",
      required: ["SignedEntryTimestamp", "Payload"])
    let payload = try object.object(
      "Payload", required: ["body", "integratedTime", "logIndex", "logID"])
    let entry = LogEntry(
      body: try payload.base64("body"), integratedTime: try payload.integer("integratedTime"),
      logIndex: try payload.integer("logIndex"), logID: try payload.string("logID"))
    return (entry, try object.base64("SignedEntryTimestamp"))
  }

  func checkPromise(_ promise: [UInt8], by keys: [SigstoreKey]) throws(Rejection) {
    guard Hex.isLowerCase(logID, digits: 64), integratedTime >= 0, logIndex >= 0 else {
      throw Rejection(.tlogInvalid, "the log entry has an impossible time, index or log id")
    }
    guard keys.contains(where: { $0.isValid(promise, for: canonicalForm) }) else {
      throw Rejection(
        .tlogInvalid, "no log key of the policy signed the log entry (its log is \(logID))")
    }
  }
}

/// What a log entry must be about: this signature by this key.
struct LoggedSignature: Sendable, Hashable {
  /// The label and content of the PEM block: a public key or a certificate.
  var verifier: PEMBlock
  var signature: [UInt8]
  /// The bytes that were signed.
  var message: [UInt8]
  /// The payload of a DSSE envelope, whose own digest entries of the kind `dsse` hold.
  var envelopePayload: [UInt8]? = nil
}

extension LogEntry {
  func check(isAbout logged: LoggedSignature) throws(Rejection) {
    do throws(FormFlaw) {
      let entry = try StrictObject(
        .strict(body, limit: SignedPayload.largest), at: "",
        required: ["apiVersion", "kind", "spec"])
      guard try entry.string("apiVersion") == "0.0.1" else {
        throw entry.flaw("has another apiVersion than 0.0.1")
      }
      switch (try entry.string("kind"), logged.envelopePayload) {
      case ("hashedrekord", _): try Self.checkHashed(entry, logged)
      case ("dsse", let payload?): try Self.checkEnvelope(entry, logged, payload)
      default: throw entry.flaw("is of a kind that does not prove this signature")
      }
    } catch {
      throw Rejection(.tlogInvalid, "the log entry: \(error)")
    }
  }

  private static func checkHashed(
    _ entry: StrictObject, _ logged: LoggedSignature
  ) throws(FormFlaw) {
    let spec = try entry.object("spec", required: ["data", "signature"])
    let hash = try spec.object("data", required: ["hash"])
      .object("hash", required: ["algorithm", "value"])
    try check(hash, is: logged.message, "signed bytes")
    let signature = try spec.object("signature", required: ["content", "publicKey"])
    guard try signature.base64("content") == logged.signature else {
      throw signature.flaw("is another signature")
    }
    let key = try signature.object("publicKey", required: ["content"])
    try check(key, "content", is: logged.verifier)
  }

  private static func checkEnvelope(
    _ entry: StrictObject, _ logged: LoggedSignature, _ payload: [UInt8]
  ) throws(FormFlaw) {
    let spec = try entry.object(
      "spec", required: ["payloadHash", "signatures"], optional: ["envelopeHash"])
    try check(
      try spec.object("payloadHash", required: ["algorithm", "value"]), is: payload, "payload")
    let signatures = try spec.elements("signatures")
    guard signatures.count == 1, let only = signatures.first else {
      throw spec.flaw("does not have exactly one signature")
    }
    let signature = try StrictObject(
      only, at: "spec.signatures[0]", required: ["signature", "verifier"])
    guard try signature.base64("signature") == logged.signature else {
      throw signature.flaw("is another signature")
    }
    try check(signature, "verifier", is: logged.verifier)
  }

  private static func check(
    _ hash: StrictObject, is bytes: [UInt8], _ what: String
  ) throws(FormFlaw) {
    let digest = ContentDigest(of: bytes)
    guard try hash.string("algorithm") == "sha256", try hash.string("value") == digest.hex else {
      throw hash.flaw("is not that of the \(what)")
    }
  }

  private static func check(
    _ object: StrictObject, _ name: String, is verifier: PEMBlock
  ) throws(FormFlaw) {
    let text = try object.base64(name)
    let blocks: [PEMBlock]
    do throws(PEMFlaw) { blocks = try PEMBlock.all(in: text, atMost: 1) } catch {
      throw object.flaw("has a key that is not one PEM block")
    }
    guard blocks == [verifier] else { throw object.flaw("is about another key") }
  }
}
