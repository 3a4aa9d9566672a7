import NIOCore

/// Takes apart the engine's multiplexed stream (Engine API, "attach to a container"): frames of
/// one byte stream, three zero bytes, four bytes length (big-endian), payload.
///
/// A payload is handed on as it arrives; a frame's announced length is never reserved or waited for.
struct StdioFrameDecoder {
  enum Stream: UInt8, Sendable {
    case output = 1
    case error = 2
  }

  struct Malformed: Error, Sendable, Hashable { let message: String }

  /// The engine copies in pieces of 32 KiB; a length far over that is not a length.
  static let longestPayload = 16 << 20

  private var header: UInt64 = 0
  private var headerCount = 0
  private var remaining = 0
  private var stream = Stream.output

  /// The next piece of a payload in `input`; nil if `input` is used up.
  mutating func next(_ input: inout ByteBuffer) throws(Malformed) -> (Stream, ByteBuffer)? {
    while true {
      if remaining > 0 {
        let count = min(remaining, input.readableBytes)
        guard count > 0, let piece = input.readSlice(length: count) else { return nil }
        remaining -= count
        return (stream, piece)
      }
      guard try readHeader(&input) else { return nil }
    }
  }

  /// Whether the stream may end here.
  var isBetweenFrames: Bool { remaining == 0 && headerCount == 0 }

  private mutating func readHeader(_ input: inout ByteBuffer) throws(Malformed) -> Bool {
    if headerCount == 0, let whole = input.readInteger(as: UInt64.self) {
      header = whole
    } else {
      while headerCount < 8 {
        guard let byte = input.readInteger(as: UInt8.self) else { return false }
        header = header << 8 | UInt64(byte)
        headerCount += 1
      }
    }
    headerCount = 0
    try acceptHeader()
    return true
  }

  private mutating func acceptHeader() throws(Malformed) {
    let kind = UInt8(truncatingIfNeeded: header >> 56)
    guard let stream = Stream(rawValue: kind), header >> 32 & 0xFF_FFFF == 0 else {
      throw Malformed(message: "an unknown stream (type \(kind)) in the container's output")
    }
    let length = Int(header & 0xFFFF_FFFF)
    guard length <= Self.longestPayload else {
      throw Malformed(message: "a frame that announces \(length) bytes")
    }
    self.stream = stream
    remaining = length
  }
}
