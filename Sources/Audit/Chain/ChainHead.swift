import Crypto

/// The last record of a log as the next one names it.
struct ChainHead: Sendable, Hashable {
  /// The records' number, from 1 on; 0 where there is none yet.
  var sequence: Int
  /// The digest of the last record, as 64 hexadecimal digits.
  var hash: [UInt8]

  static let beginning = ChainHead(
    sequence: 0, hash: Array(repeating: UInt8(ascii: "0"), count: 64))

  /// The next record with its place in the chain: number, time, the hash of the record before it, and
  /// its own. Every record can be checked by itself, the last one of a crashed log included.
  func sealing(_ text: RecordText, at time: Timestamp, into line: inout [UInt8]) -> ChainHead {
    begin(text, at: time, &line)
    return end(&line)
  }

  /// The next record with a signature over all before the signature.
  func sealing(
    _ text: RecordText, at time: Timestamp, signedBy key: Curve25519.Signing.PrivateKey,
    into line: inout [UInt8]
  ) throws -> ChainHead {
    begin(text, at: time, &line)
    let signature = try key.signature(for: Checkpoint.signedText(line[...]))
    line += Checkpoint.separator
    Hex.append(signature, to: &line)
    line.append(UInt8(ascii: "\""))
    return end(&line)
  }

  private func begin(_ text: RecordText, at time: Timestamp, _ line: inout [UInt8]) {
    line.removeAll(keepingCapacity: true)
    line += RecordForm.start
    line += String(sequence + 1).utf8
    line += RecordForm.time
    time.append(to: &line)
    line += RecordForm.previous
    line += hash
    line += RecordForm.body
    line += text.bytes
  }

  private func end(_ line: inout [UInt8]) -> ChainHead {
    var next = ChainHead(sequence: sequence + 1, hash: [])
    next.hash.reserveCapacity(64)
    Hex.append(SHA256.hash(data: line), to: &next.hash)
    line += RecordForm.hash
    line += next.hash
    line += RecordForm.end
    line.append(UInt8(ascii: "\n"))
    return next
  }
}
