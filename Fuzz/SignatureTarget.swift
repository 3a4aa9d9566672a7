/// libFuzzer's entry for everything that signatures bring along. The first byte chooses the reader.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSignature(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let choice = input.first else { return 0 }
  let bytes = Array(input.dropFirst())
  let text = String(decoding: bytes, as: UTF8.self)
  switch choice {
  case UInt8(ascii: "p"): policy(bytes)
  case UInt8(ascii: "a"): payload(bytes, .atomic)
  case UInt8(ascii: "c"): payload(bytes, .cosign)
  case UInt8(ascii: "b"): _ = try? SigstoreBundle(bytes)
  case UInt8(ascii: "i"): _ = try? InTotoStatement(bytes)
  case UInt8(ascii: "m"): _ = try? ManifestDocument(bytes, contentType: nil)
  case UInt8(ascii: "s"): _ = try? SignatureBlob(bytes)
  case UInt8(ascii: "z"): _ = try? CompressedPacket.checkEnd(of: bytes)
  case UInt8(ascii: "k"): _ = try? PEMBlock.all(in: bytes, atMost: 4)
  case UInt8(ascii: "w"): _ = Challenge.all(in: [text])
  default: reference(text)
  }
  return 0
}

/// What is read demands something of every image.
private func policy(_ bytes: [UInt8]) {
  guard let policy = try? TrustPolicy(bytes, source: "fuzz", folder: "/") else { return }
  precondition(!policy.fallback.isEmpty && policy.scopes.values.allSatisfy { !$0.isEmpty })
}

/// A payload names one digest and one name, both of which stand in it.
private func payload(_ bytes: [UInt8], _ kind: SignedPayload.Kind) {
  guard let payload = try? SignedPayload(bytes, as: kind) else { return }
  let text = try? JSONText(validating: bytes)
  let image = text?["critical"]?["image"]?["docker-manifest-digest"]?.string
  precondition(image == payload.digest)
}

/// A name has one spelling in full.
private func reference(_ text: String) {
  guard let reference = try? ImageReference(text) else { return }
  precondition((try? ImageReference(reference.description)) == reference)
  precondition(!TrustPolicy.scopes(of: reference).isEmpty)
}
