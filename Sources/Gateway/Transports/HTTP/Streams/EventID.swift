import Authorization
import Crypto
import FoundationEssentials

/// The id of one event of one stream of one session, as a client sees it and gives it back in
/// `Last-Event-ID`.
///
/// It is sealed with a key of this process over the session's id: a client can neither make up an id
/// nor carry one to another session, so an id that opens is one that was given out here.
struct EventID: Hashable {
  /// Which stream of the session.
  let stream: UInt32
  /// Which event of the stream, from 1.
  let number: UInt32

  /// Seals the ids of one process.
  struct Seal: Sendable {
    private static let sealBytes = 12
    private let key = SymmetricKey(size: .bits256)

    func text(_ id: EventID, session: String) -> String {
      let plain = Self.bytes(id)
      return Base64URL.encode(plain + code(plain, session))
    }

    /// Nil unless `text` was made here for this session.
    func open(_ text: String, session: String) -> EventID? {
      guard text.utf8.count <= 64, let bytes = Base64URL.decode(Array(text.utf8)),
        bytes.count == 8 + Self.sealBytes
      else { return nil }
      let plain = Array(bytes.prefix(8))
      // Compares in constant time.
      let difference = zip(code(plain, session), bytes.dropFirst(8)).reduce(0) {
        $0 | ($1.0 ^ $1.1)
      }
      guard difference == 0 else { return nil }
      func number(_ part: ArraySlice<UInt8>) -> UInt32 {
        part.reduce(0) { $0 << 8 | UInt32($1) }
      }
      return EventID(stream: number(plain[0..<4]), number: number(plain[4..<8]))
    }

    private func code(_ plain: [UInt8], _ session: String) -> [UInt8] {
      let code = HMAC<SHA256>.authenticationCode(for: plain + Array(session.utf8), using: key)
      return Array(Array(code).prefix(Self.sealBytes))
    }

    private static func bytes(_ id: EventID) -> [UInt8] {
      [id.stream, id.number].flatMap { part in
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: part >> UInt32($0)) }
      }
    }
  }
}
