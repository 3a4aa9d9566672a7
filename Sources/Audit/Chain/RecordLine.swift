import Crypto
import Wire

/// A line of a log whose text is the one that was written: its own hash says so.
struct RecordLine: Sendable {
  typealias Flaw = RecordForm.Flaw

  let sequence: Int
  let time: Timestamp
  let previous: [UInt8]
  let type: RecordType
  let hash: [UInt8]
  let text: JSONText

  /// Reads a line, given without its line break.
  init(_ line: [UInt8]) throws(Flaw) {
    let form = try RecordForm(line)
    var digits: [UInt8] = []
    digits.reserveCapacity(64)
    Hex.append(SHA256.hash(data: line[..<form.hashedCount]), to: &digits)
    guard digits == form.hash else { throw .hash }
    sequence = form.sequence
    time = form.time
    previous = form.previous
    type = form.type
    hash = form.hash
    text = form.text
  }

  var head: ChainHead { ChainHead(sequence: sequence, hash: hash) }
}
