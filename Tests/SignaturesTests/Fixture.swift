import Foundation
import Wire

@testable import Signatures

/// Files that `Fixtures/make` wrote with a real gpg.
enum Fixture {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "Fixtures"
  ).path

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/\(name)")))
  }

  static func signature(_ name: String) throws -> [UInt8] { try bytes("signatures/\(name)") }
  static func keyPath(_ name: String) -> String { "\(folder)/keys/\(name)" }

  static func fingerprint(_ name: String) throws -> String {
    String(decoding: try bytes("keys/\(name).fingerprint").dropLast(), as: UTF8.self)
  }

  /// The image that the signatures are about.
  static let reference = "registry.test/ns/app:v1"
  static func manifest() throws -> [UInt8] { try bytes("manifest.json") }

  static func image(_ text: String = reference) throws -> ImageReference {
    try ImageReference(text)
  }
}

/// Bytes changed a little, the same on every run.
struct Mutations {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  private mutating func next(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(max(1, bound)))
  }

  /// One to four edits: a bit, a byte, a piece cut out or repeated, a digit or quote put in.
  mutating func mutate(_ original: [UInt8]) -> [UInt8] {
    var bytes = original
    for _ in 0...next(4) where !bytes.isEmpty {
      let at = next(bytes.count)
      switch next(6) {
      case 0: bytes[at] ^= 1 << UInt8(next(8))
      case 1: bytes[at] = UInt8(next(256))
      case 2: bytes.removeSubrange(at..<min(bytes.count, at + 1 + next(16)))
      case 3: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 1 + next(64))], at: at)
      case 4: bytes.insert(Array(#""{}[],:\0e9-"#.utf8)[next(11)], at: at)
      default: bytes.removeLast(next(bytes.count))
      }
    }
    return bytes
  }
}
