import Testing

@testable import Signatures

struct CompressedPacketTests {
  @Test(arguments: ["good", "zlib", "bzip2", "uncompressed", "rsa", "two-signers", "detached"])
  func aWholeMessagePasses(_ name: String) throws {
    try CompressedPacket.checkEnd(of: Fixture.signature(name))
  }

  @Test(arguments: ["good", "zlib"])
  func everyCutAndEveryAdditionIsSeen(_ name: String) throws {
    let whole = try Fixture.signature(name)
    for length in 1..<whole.count {
      #expect(throws: Rejection.self) {
        try CompressedPacket.checkEnd(of: Array(whole.prefix(length)))
      }
    }
    for byte: UInt8 in [0, 0xA3, 0xFF] {
      #expect(throws: Rejection.self) { try CompressedPacket.checkEnd(of: whole + [byte]) }
    }
  }

  /// Ten bits each, that is four in five bytes, and next to nothing to show for them.
  @Test func millionsOfEmptyBlocksAreTooMuch() throws {
    var bytes = [UInt8](repeating: 0, count: 4 << 20)
    for block in 0..<(bytes.count / 5 * 4) {
      let bit = 10 * block + 1
      bytes[bit / 8] |= 1 << UInt8(bit % 8)
    }
    #expect(throws: DeflateWalk.Flaw.tooLong) {
      try DeflateWalk.end(of: bytes[...], limit: 4 << 20)
    }
  }

  @Test func lengthsOfBothFormatsAreBelievedOnlyIfTheyFit() throws {
    let content = try Fixture.signature("good").dropFirst()
    let size = content.count
    let old = [0xA1, UInt8(size >> 8), UInt8(size & 0xFF)] + content
    try CompressedPacket.checkEnd(of: old)
    #expect(throws: Rejection.self) { try CompressedPacket.checkEnd(of: old + [0]) }
    let five = [0xC8, 255, 0, 0, UInt8(size >> 8), UInt8(size & 0xFF)] + content
    try CompressedPacket.checkEnd(of: five)
    let parts =
      [0xC8, 224 + 6] + content.prefix(64) + [224 + 7] + content.dropFirst(64).prefix(128)
    let last = content.dropFirst(192)
    let rest = last.count - 192
    let header =
      last.count < 192 ? [UInt8(last.count)] : [UInt8(192 + rest >> 8), UInt8(rest & 0xFF)]
    try CompressedPacket.checkEnd(of: parts + header + last)
    #expect(throws: Rejection.self) { try CompressedPacket.checkEnd(of: parts) }
    #expect(throws: Rejection.self) { try CompressedPacket.checkEnd(of: [0xC8]) }
    #expect(throws: Rejection.self) { try CompressedPacket.checkEnd(of: [0xA3]) }
  }

  @Test(arguments: 0..<4)
  func noMutationCrashesIt(_ seed: Int) throws {
    var mutations = Mutations(seed: UInt64(seed + 11))
    for name in ["good", "zlib", "bomb"] {
      let whole = Array(try Fixture.signature(name).prefix(600))
      for _ in 0..<200 {
        let bytes = mutations.mutate(whole)
        // The verdict is GnuPG's; here it must only come to an end.
        _ = try? CompressedPacket.checkEnd(of: bytes)
      }
    }
  }
}
