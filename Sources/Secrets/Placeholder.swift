/// Tells documentation and dummies from values that somebody uses.
enum Placeholder {
  /// Too long to turn up in a random value by chance.
  private static let words = [
    "example", "xxxx", "your", "placeholder", "redacted", "changeme", "replace", "insert", "dummy",
    "sample", "....", "****", "____", "----", "secret", "password", "foobar", "deadbeef",
  ]

  /// Whether the variable part of a token cannot be a real one: it says so, repeats itself,
  /// counts, or is made of words.
  static func isDummy(_ body: ArraySlice<UInt8>, judgingMix: Bool = true) -> Bool {
    let lower = body.lowercased
    return words.contains { lower.contains($0) } || countsOrRepeats(lower)
      || body.count >= 16 && !isSpread(body)
      || judgingMix && body.count >= 20 && !isMixed(body)
  }

  /// Whether base64 may be a key. Keys begin with tables that repeat themselves, zeros above all,
  /// so only that they use many different characters can be asked of them.
  static func isKeyMaterial(_ digits: ArraySlice<UInt8>) -> Bool {
    Set(digits).count >= 16 && !digits.lowercased.contains("example")
  }

  /// Six characters of `abcdef`, `123456` or `aaaaaa`: random values hold them once in 30,000.
  private static func countsOrRepeats(_ body: ArraySlice<UInt8>) -> Bool {
    var rising = 1
    var same = 1
    for (one, next) in zip(body, body.dropFirst()) {
      rising = next == one &+ 1 ? rising + 1 : 1
      same = next == one ? same + 1 : 1
      if rising >= 6 || same >= 6 { return true }
    }
    return false
  }

  /// Whether the characters are spread as if over six or more equally likely ones (the inverse of
  /// the chance that two positions agree; 16 random hex digits reach ten).
  private static func isSpread(_ body: ArraySlice<UInt8>) -> Bool {
    var counts = [Int](repeating: 0, count: 256)
    for byte in body { counts[Int(byte)] += 1 }
    return counts.reduce(0) { $0 + $1 * $1 } * 6 <= body.count * body.count
  }

  /// Whether the kind of character (digit, lower, upper) changes as often as chance makes it:
  /// identifiers and words change rarely, random text at every second character.
  private static func isMixed(_ body: ArraySlice<UInt8>) -> Bool {
    func kind(_ byte: UInt8) -> Int? {
      switch byte {
      case 0x30...0x39: 0
      case 0x41...0x5A: 1
      case 0x61...0x7A: 2
      default: nil
      }
    }
    let kinds = body.compactMap(kind)
    return zip(kinds, kinds.dropFirst()).count { $0 != $1 } * 8 >= body.count
  }

  private static let trivial: Set<String> = [
    "pass", "passwd", "password", "passw0rd", "pwd", "secret", "hunter2", "test", "testing", "user",
    "username", "root", "admin", "guest", "postgres", "mysql", "redis", "mongo", "none", "null",
    "true", "false", "changeme", "default", "token", "pass123", "password1", "password123",
    "secret123", "1234", "12345", "123456", "12345678", "minioadmin", "tiger", "abcd", "abc123",
    "foobar", "letmein", "mypass", "mypassword", "mysecret", "mysecretpassword", "pass1",
    "passphrase", "credentials", "access_token", "x-oauth-basic", "my-password", "somepass",
    "pserver:anoncvs", "anonymous", "xyzzy",
  ]

  /// Whether `value` is a word that half the world uses: looking for it would hit ordinary text.
  static func isCommonWord(_ value: ArraySlice<UInt8>) -> Bool {
    trivial.contains(String(decoding: value.lowercased, as: UTF8.self))
  }

  /// A password nobody guards: a common word, the user's own name, a mask, or a reference such as
  /// `${PASSWORD}`.
  static func isTrivialPassword(_ password: ArraySlice<UInt8>, user: ArraySlice<UInt8>) -> Bool {
    isCommonWord(password) || password.elementsEqual(user) || isReference(password)
      || words.contains { password.lowercased.contains($0) }
      || Set(password).count < 3
  }

  /// `$X`, `${X}`, `{x}`, `<x>`, `[x]`, `%s`, `%(x)s`: something that stands for the value.
  private static func isReference(_ value: ArraySlice<UInt8>) -> Bool {
    guard let first = value.first else { return true }
    switch first {
    case UInt8(ascii: "$"), UInt8(ascii: "{"), UInt8(ascii: "<"), UInt8(ascii: "["): return true
    case UInt8(ascii: "%"):
      return !value.dropFirst().prefix(2).allSatisfy(CharacterClass.hex.contains)
    case UInt8(ascii: "@"), UInt8(ascii: "'"), UInt8(ascii: "\""): return value.count < 4
    default: return value.contains(UInt8(ascii: "{")) && value.contains(UInt8(ascii: "}"))
    }
  }
}
