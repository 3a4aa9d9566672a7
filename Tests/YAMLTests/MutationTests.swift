import Testing

@testable import YAML

/// A generator with a seed, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

struct MutationTests {
  static let seeds = [
    """
    registry:
      notes: {title: Notes, command: [--x, "{{a|b}}"], env: [{name: A, value: 'it''s'}]}
      other:
        description: >-
          folded
          text
        block: |+2
            kept

        ? key
        : value
    """,
    #"{"a": [1, 2.5e-3, "\u00e9\ud83d\ude00", null, true], "b": {"c": "d"}}"#,
    "%YAML 1.1\n---\n- &a !!str x\n- *a\n- <<: y\n...\n---\nz",
  ]

  /// Whatever the bytes are: a tree or a problem with a place, never a crash.
  @Test(arguments: seeds)
  func mutatedTextNeverCrashes(seed: String) {
    var random = SeededGenerator(state: 42)
    let interesting =
      Array("{}[]&*!|>'\"%@`:,?-# \n\t\\\u{85}\u{2028}<~\u{FEFF}".utf8) + [0, 0x80, 0xFF]
    for _ in 0..<4000 {
      var bytes = Array(seed.utf8)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[at] = interesting.randomElement(using: &random) ?? 0
        case 1: bytes.insert(interesting.randomElement(using: &random) ?? 0, at: at)
        case 2: bytes.removeSubrange(at..<min(bytes.count, at + 3))
        default: bytes.append(contentsOf: bytes[at..<min(bytes.count, at + 20)])
        }
        if bytes.isEmpty { bytes = [0x61] }
      }
      expectTreeOrPlace(bytes)
    }
  }

  @Test(arguments: seeds)
  func everyPrefixIsReadOrRefused(seed: String) {
    let bytes = Array(seed.utf8)
    for end in 0...bytes.count { expectTreeOrPlace(Array(bytes[..<end])) }
  }

  private func expectTreeOrPlace(_ bytes: [UInt8]) {
    do {
      let document = try YAMLDocument(bytes, source: "f")
      // What was read can be written as JSON that our own strict scanner accepts.
      if let json = document.root?.json {
        #expect(reading(Array(json.bytes)) == json.description || json.description == "null")
      }
    } catch {
      #expect((error.line ?? 0) > 0 && (error.column ?? 0) > 0)
      #expect(!error.message.isEmpty)
    }
  }
}
