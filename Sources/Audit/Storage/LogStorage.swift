/// Where lines go. The one thing that can fail between a call and its answer.
protocol LogStorage {
  /// Bytes in the present file.
  var size: Int { get }
  /// The present file, to be made to last; nil where that means nothing.
  var file: OpenFile? { get }

  /// Writes one line, whole or not at all.
  mutating func append(_ line: [UInt8]) throws(WriteFailure)
  /// Goes on in another file.
  mutating func rotate() throws(WriteFailure)
  /// Gives the present file back to other writers; nothing is written any more.
  mutating func close()
}

/// Why a line could not be written.
struct WriteFailure: Error, Hashable {
  let message: String
}
