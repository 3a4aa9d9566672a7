import Crypto
import Wire

/// Proof that an entry is in a log's tree (RFC 6962 section 2.1.1), whose root the log has signed
/// (a checkpoint: a signed note of transparency-dev).
struct InclusionProof: Sendable, Hashable {
  var logIndex: Int64
  var treeSize: Int64
  var rootHash: [UInt8]
  var hashes: [[UInt8]]
  var checkpoint: String

  /// A tree of 2^62 leaves has no longer path.
  private static let mostHashes = 64

  func check(contains body: [UInt8], by keys: [SigstoreKey]) throws(Rejection) {
    let signed = try Self.checkpoint(checkpoint, signedBy: keys)
    guard signed.treeSize == treeSize, signed.root == rootHash else {
      throw Rejection(.tlogInvalid, "the log's checkpoint is one of another tree")
    }
    guard root(of: Self.leaf(body)) == rootHash else {
      throw Rejection(.tlogInvalid, "the log entry is not in the log's tree")
    }
  }

  /// RFC 9162 section 2.1.3.2; nil where the path does not fit the tree.
  private func root(of leaf: [UInt8]) -> [UInt8]? {
    guard logIndex >= 0, logIndex < treeSize, hashes.count <= Self.mostHashes,
      hashes.allSatisfy({ $0.count == SHA256.byteCount })
    else { return nil }
    var (node, last, hash) = (logIndex, treeSize - 1, leaf)
    for sibling in hashes {
      guard last > 0 else { return nil }
      if node & 1 == 1 || node == last {
        hash = Self.node(sibling, hash)
        while node & 1 == 0, node != 0 { (node, last) = (node >> 1, last >> 1) }
      } else {
        hash = Self.node(hash, sibling)
      }
      (node, last) = (node >> 1, last >> 1)
    }
    return last == 0 ? hash : nil
  }

  private static func leaf(_ body: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: [0] + body)) }
  private static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    Array(SHA256.hash(data: [1] + left + right))
  }

  /// The size and root that one of the keys has signed.
  private static func checkpoint(
    _ text: String, signedBy keys: [SigstoreKey]
  ) throws(Rejection) -> (treeSize: Int64, root: [UInt8]) {
    let parts = text.split(separator: "\n\n", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, text.utf8.count <= 16 << 10 else {
      throw Rejection(.tlogInvalid, "the log's checkpoint is not a signed note")
    }
    let body = parts[0] + "\n"
    let lines = body.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 4, let size = Int64(lines[1]), size > 0,
      let root = StrictBase64.decode(String(lines[2]))
    else { throw Rejection(.tlogInvalid, "the log's checkpoint names no tree") }
    let isSigned = parts[1].split(separator: "\n").prefix(16).contains { line in
      signature(in: line).map { bytes in
        keys.contains { $0.isValid(bytes, for: Array(body.utf8)) }
      } ?? false
    }
    guard isSigned else {
      throw Rejection(.tlogInvalid, "no log key of the policy signed the log's checkpoint")
    }
    return (size, root)
  }

  /// `— NAME BASE64`: four bytes that hint at the key, then the signature.
  private static func signature(in line: Substring) -> [UInt8]? {
    let words = line.split(separator: " ")
    guard words.count == 3, words[0] == "\u{2014}",
      let bytes = StrictBase64.decode(String(words[2])), bytes.count > 4
    else { return nil }
    return Array(bytes.dropFirst(4))
  }
}
