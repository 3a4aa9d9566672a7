import Wire

/// A sigstore bundle 0.3 with a DSSE envelope, as cosign 3 attaches it to an image. Untrusted until
/// verified; members that we do not know refuse it.
struct SigstoreBundle: Sendable, Hashable {
  static let mediaTypes = [
    "application/vnd.dev.sigstore.bundle.v0.3+json",
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
  ]
  static let mediaTypePrefix = "application/vnd.dev.sigstore.bundle"
  static let largest = 4 << 20

  struct Logged: Sendable, Hashable {
    let entry: LogEntry
    let promise: [UInt8]?
    let proof: InclusionProof?
  }

  let envelope: DSSEEnvelope
  let logged: [Logged]

  init(_ bytes: [UInt8]) throws(Rejection) {
    do throws(FormFlaw) {
      let object = try StrictObject(
        .strict(bytes, limit: Self.largest), at: "",
        required: ["mediaType", "verificationMaterial"],
        optional: ["dsseEnvelope", "messageSignature"])
      guard Self.mediaTypes.contains(try object.string("mediaType")) else {
        throw object.flaw("is a bundle of another version than 0.3")
      }
      guard object.has("dsseEnvelope"), !object.has("messageSignature") else {
        throw object.flaw("is not a signature with an envelope")
      }
      envelope = try DSSEEnvelope(
        object.object(
          "dsseEnvelope", required: ["payload", "payloadType", "signatures"]))
      let material = try object.object(
        "verificationMaterial",
        optional: ["publicKey", "certificate", "tlogEntries", "timestampVerificationData"])
      logged = try Self.entries(material)
    } catch {
      throw Rejection(.malformedSignature, "the bundle: \(error)")
    }
    guard envelope.signatures.count == 1 else {
      throw Rejection(
        .multipleSignatures, "the bundle has \(envelope.signatures.count) signatures, not one")
    }
  }

  private static let mostEntries = 8

  private static func entries(_ material: StrictObject) throws(FormFlaw) -> [Logged] {
    guard material.has("tlogEntries") else { return [] }
    let elements = try material.elements("tlogEntries")
    guard elements.count <= mostEntries else {
      throw material.flaw("has more than \(mostEntries) log entries")
    }
    var entries: [Logged] = []
    for (index, element) in elements.enumerated() {
      entries.append(
        try logged(
          StrictObject(
            element, at: "verificationMaterial.tlogEntries[\(index)]",
            required: ["logId", "canonicalizedBody"],
            optional: [
              "logIndex", "kindVersion", "integratedTime", "inclusionPromise", "inclusionProof",
            ])))
    }
    return entries
  }

  private static func logged(_ object: StrictObject) throws(FormFlaw) -> Logged {
    let log = try object.object("logId", required: ["keyId"])
    let entry = LogEntry(
      body: try object.anyBase64("canonicalizedBody"),
      integratedTime: try object.decimal("integratedTime"),
      logIndex: try object.decimal("logIndex"), logID: Hex.text(try log.anyBase64("keyId")))
    var promise: [UInt8]?
    if object.has("inclusionPromise") {
      promise = try object.object("inclusionPromise", required: ["signedEntryTimestamp"])
        .anyBase64("signedEntryTimestamp")
    }
    return Logged(entry: entry, promise: promise, proof: try proof(object))
  }

  private static func proof(_ parent: StrictObject) throws(FormFlaw) -> InclusionProof? {
    guard parent.has("inclusionProof") else { return nil }
    let object = try parent.object(
      "inclusionProof", required: ["rootHash", "treeSize", "checkpoint"],
      optional: ["logIndex", "hashes"])
    var hashes: [[UInt8]] = []
    for text in object.has("hashes") ? try object.strings("hashes") : [] {
      guard let hash = StrictBase64.decodeEitherAlphabet(text) else {
        throw object.flaw("has a hash that is not base64")
      }
      hashes.append(hash)
    }
    return InclusionProof(
      logIndex: try object.decimal("logIndex"), treeSize: try object.decimal("treeSize"),
      rootHash: try object.anyBase64("rootHash"), hashes: hashes,
      checkpoint: try object.object("checkpoint", required: ["envelope"]).string("envelope"))
  }
}

/// A signed envelope (DSSE 1.0).
struct DSSEEnvelope: Sendable, Hashable {
  let payload: [UInt8]
  let payloadType: String
  let signatures: [[UInt8]]

  init(_ object: StrictObject) throws(FormFlaw) {
    payload = try object.anyBase64("payload")
    payloadType = try object.string("payloadType")
    var found: [[UInt8]] = []
    for (index, element) in try object.elements("signatures").prefix(16).enumerated() {
      let signature = try StrictObject(
        element, at: object.member("signatures[\(index)]"), required: ["sig"],
        optional: ["keyid"])
      found.append(try signature.anyBase64("sig"))
    }
    signatures = found
  }

  /// What is signed: type and payload with their lengths, so that neither can pass for the other.
  var signedBytes: [UInt8] {
    Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8) + payload
  }
}

extension StrictObject {
  /// Base64 as the JSON form of protocol buffers writes bytes.
  func anyBase64(_ name: String) throws(FormFlaw) -> [UInt8] {
    guard let bytes = StrictBase64.decodeEitherAlphabet(try string(name)) else {
      throw flaw("has a \"\(name)\" that is not base64")
    }
    return bytes
  }

  /// A 64-bit integer as the JSON form of protocol buffers writes it: a string; absent where it is 0.
  func decimal(_ name: String) throws(FormFlaw) -> Int64 {
    guard has(name) else { return 0 }
    let text = try string(name)
    guard let value = Int64(text), String(value) == text else {
      throw flaw("has a \"\(name)\" that is no whole number in a string")
    }
    return value
  }
}
