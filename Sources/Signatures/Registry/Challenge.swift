/// What a registry asks for before it answers (RFC 9110 section 11.6.1).
struct Challenge: Sendable, Hashable {
  /// In lower case.
  let scheme: String
  /// Names in lower case.
  let parameters: [String: String]

  /// All challenges of all `WWW-Authenticate` headers. What cannot be read ends its header.
  static func all(in headers: [String]) -> [Challenge] {
    headers.prefix(8).flatMap { header -> [Challenge] in
      var scanner = Scanner(header.utf8.prefix(8 << 10))
      return scanner.challenges()
    }
  }

  private struct Scanner {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: some Sequence<UInt8>) { rest = Array(bytes)[...] }

    mutating func challenges() -> [Challenge] {
      var found: [Challenge] = []
      while true {
        skip { $0 == UInt8(ascii: ",") || Self.isBlank($0) }
        // A parameter that cannot be read is left over here and is no scheme.
        guard let scheme = token(), rest.first != UInt8(ascii: "=") else { return found }
        skip(Self.isBlank)
        found.append(Challenge(scheme: scheme.lowercased(), parameters: parameters()))
      }
    }

    private mutating func parameters() -> [String: String] {
      var parameters: [String: String] = [:]
      while true {
        let before = rest
        skip { $0 == UInt8(ascii: ",") || Self.isBlank($0) }
        guard let name = token(), take(UInt8(ascii: "=")), let value = value() else {
          // The word was the scheme of the next challenge.
          rest = before
          return parameters
        }
        // A second value of one name could be read either way: the first stays.
        if parameters[name.lowercased()] == nil { parameters[name.lowercased()] = value }
        skip(Self.isBlank)
      }
    }

    private mutating func value() -> String? {
      guard take(UInt8(ascii: "\"")) else { return token() }
      var text: [UInt8] = []
      while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
        if byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() {
          text.append(escaped)
        } else {
          text.append(byte)
        }
      }
      return nil
    }

    private mutating func token() -> String? {
      let word = rest.prefix { Self.isTokenByte($0) }
      rest = rest.dropFirst(word.count)
      return word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
    }

    private mutating func take(_ byte: UInt8) -> Bool {
      guard rest.first == byte else { return false }
      rest = rest.dropFirst()
      return true
    }

    private mutating func skip(_ isSkipped: (UInt8) -> Bool) { rest = rest.drop(while: isSkipped) }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    private static func isTokenByte(_ byte: UInt8) -> Bool {
      byte > 0x20 && byte < 0x7F && !"()<>@,;\\\"[]?={}".utf8.contains(byte)
    }
  }
}
