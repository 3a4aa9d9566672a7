import Crypto

/// A signature over the whole log up to its record: the record names the hash of the one before it,
/// and so all before.
enum Checkpoint {
  /// Why it was made.
  enum Reason: String, Sendable, Hashable {
    case count, time, rotation, end
  }

  static let separator = Array(#","signature":""#.utf8)

  /// What the signature stands for says so: a key that signs other things, too, signs none of these.
  static func signedText(_ line: ArraySlice<UInt8>) -> [UInt8] {
    Array("mcp-gateway audit checkpoint 1\n".utf8) + line
  }

  /// Whether one of `keys` has signed the line, which is a record of this type.
  static func isSigned(_ line: [UInt8], by keys: TrustedKeys) -> Bool {
    let length = separator.count + 128 + 1 + RecordForm.hash.count + 64 + RecordForm.end.count
    guard line.count > length else { return false }
    let signed = line[..<(line.count - length)]
    let rest = line[(line.count - length)...]
    let digits = rest.dropFirst(separator.count).prefix(128)
    guard rest.starts(with: separator), let signature = Hex.bytes(digits) else { return false }
    return keys.haveSigned(signedText(signed), signature)
  }
}
