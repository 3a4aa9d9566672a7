/// The checksums that credential formats carry.
enum Checksum {
  private static let crcTable: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
  }

  /// CRC-32 of IEEE 802.3.
  static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { crc, byte in crc >> 8 ^ crcTable[Int((crc ^ UInt32(byte)) & 0xFF)] }
  }

  /// `number` in `radix` with the digits `0-9A-Za-z` (`0-9a-f` for hex), left-padded.
  static func digits(_ number: UInt32, radix: UInt32, width: Int) -> [UInt8] {
    let alphabet = Array(
      (radix > 16
        ? "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        : "0123456789abcdef").utf8)
    var rest = number
    var written: [UInt8] = []
    while rest > 0 {
      written.append(alphabet[Int(rest % radix)])
      rest /= radix
    }
    while written.count < width { written.append(alphabet[0]) }
    return written.reversed()
  }

  /// CRC-32 in base 62, as GitHub writes it.
  static func base62(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    digits(crc32(bytes), radix: 62, width: 6)
  }

  /// CRC-32 as 8 lower-case hex digits, most significant first.
  static func hex(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    digits(crc32(bytes), radix: 16, width: 8)
  }

  /// CRC-32 as hex of its bytes in little-endian order.
  static func littleEndianHex(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    digits(crc32(bytes).byteSwapped, radix: 16, width: 8)
  }

  /// Marvin32 with eight ASCII characters as seed: the mark in Azure's keys.
  static func marvin32(_ bytes: ArraySlice<UInt8>, seed: String) -> UInt32 {
    let seedBits = seed.utf8.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    var low = UInt32(truncatingIfNeeded: seedBits)
    var high = UInt32(truncatingIfNeeded: seedBits >> 32)
    func rotate(_ word: UInt32, _ by: UInt32) -> UInt32 { word << by | word >> (32 - by) }
    func mix(_ word: UInt32) {
      low &+= word
      high ^= low
      low = rotate(low, 20) &+ high
      high = rotate(high, 9) ^ low
      low = rotate(low, 27) &+ high
      high = rotate(high, 19)
    }
    var padded = Array(bytes) + [0x80]
    while padded.count % 4 != 0 { padded.append(0) }
    for start in stride(from: 0, to: padded.count, by: 4) {
      mix(padded[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }
    mix(0)
    return low ^ high
  }

  /// Whether a bech32 text (BIP 173) carries the right checksum.
  static func isBech32(_ text: ArraySlice<UInt8>) -> Bool {
    let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
    let lower = text.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    guard let separator = lower.lastIndex(of: UInt8(ascii: "1")) else { return false }
    let data = lower[(separator + 1)...].map { alphabet.firstIndex(of: $0) }
    let human = lower[..<separator]
    let values = human.map { Int($0 >> 5) } + [0] + human.map { Int($0 & 31) }
    guard data.count >= 6, !data.contains(nil) else { return false }
    return polymod(values + data.compactMap { $0 }) == 1
  }

  private static func polymod(_ values: [Int]) -> Int {
    let generators = [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3]
    return values.reduce(1) { sum, value in
      var next = (sum & 0x1FF_FFFF) << 5 ^ value
      for (bit, generator) in generators.enumerated() where sum >> (25 + bit) & 1 == 1 {
        next ^= generator
      }
      return next
    }
  }
}
