/// In place of what needs hashes and keys, which no fuzzer guesses: only the readers are under test.
public struct ContentDigest: Sendable, Hashable, CustomStringConvertible {
  public let description: String

  public init(of bytes: some Sequence<UInt8>) {
    description = "sha256:" + String(repeating: "0", count: 64)
  }

  public init?(_ text: String) {
    guard text.hasPrefix("sha256:"), text.utf8.count == 71 else { return nil }
    description = text
  }

  public var hex: Substring { description.dropFirst(7) }

  static func isWellFormed(_ text: String) -> Bool { ContentDigest(text) != nil }
}

struct SigstoreKey: Sendable {
  func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool { false }
}

struct InclusionProof: Sendable, Hashable {
  var logIndex: Int64
  var treeSize: Int64
  var rootHash: [UInt8]
  var hashes: [[UInt8]]
  var checkpoint: String
}

public struct WebAnswer: Sendable {}
public struct WebFailure: Error, Sendable {}
