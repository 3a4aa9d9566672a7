/// The names under which clients see tools and prompts.
///
/// A name stays as the server gave it while it is the only one of its kind. Where two servers use
/// one name, every one of them is exposed as `server__name`: the order of servers decides nothing,
/// and no server can take a name that reads as another server's.
enum ExposedNames {
  /// Names that many clients and model providers accept.
  static let longestAlias = 64
  static let longestName = 128

  struct Entry: Sendable, Hashable {
    let server: String
    let name: String
  }

  /// The exposed name of each entry, in the same order; nil where none can be given.
  static func assign(_ entries: [Entry], servers: Set<String>) -> [String?] {
    let plain = entries.map { sanitized($0.name, longest: longestName, allows: isNameByte) }
    var uses: [String: Int] = [:]
    for name in plain { uses[name.folded, default: 0] += 1 }
    var exposed = zip(entries, plain).map { entry, name in
      uses[name.folded, default: 0] > 1 || imitatesAlias(name, of: servers)
        ? alias(entry) : name
    }
    // A bare name may equal an alias that was just computed: the alias stays, the name gives way.
    let aliases = Set(zip(exposed, plain).filter { $0 != $1 }.map { $0.0.folded })
    for index in entries.indices where exposed[index] == plain[index] {
      if aliases.contains(plain[index].folded) { exposed[index] = alias(entries[index]) }
    }
    var taken: Set<String> = []
    return zip(entries, exposed).map { entry, name in
      if taken.insert(name.folded).inserted { return name }
      let other = shortened(name, tail: fingerprint(entry.name), longest: longestAlias)
      return taken.insert(other.folded).inserted ? other : nil
    }
  }

  static func alias(_ entry: Entry) -> String {
    sanitized("\(entry.server)__\(entry.name)", longest: longestAlias, allows: isAliasByte)
  }

  /// Whether a name would read as the alias of some server's tool.
  private static func imitatesAlias(_ name: String, of servers: Set<String>) -> Bool {
    guard let end = name.firstRange(of: "__") else { return false }
    let prefix = String(name[..<end.lowerBound]).folded
    return servers.contains { $0.folded == prefix }
  }

  /// `name` if it is usable as it stands, else a readable form with a fingerprint of the original,
  /// so that two different names stay different.
  private static func sanitized(
    _ name: String, longest: Int, allows: (UInt8) -> Bool
  ) -> String {
    if name.utf8.count <= longest, name.utf8.allSatisfy(allows) { return name }
    let readable = name.utf8.map { allows($0) ? $0 : UInt8(ascii: "_") }
    return shortened(
      String(decoding: readable, as: UTF8.self), tail: fingerprint(name), longest: longestAlias)
  }

  private static func shortened(_ name: String, tail: String, longest: Int) -> String {
    "\(name.prefix(longest - tail.count - 1))_\(tail)"
  }

  /// FNV-1a, 32 bits, in hex: stable across runs, unlike Swift's hashing. Not a security measure.
  private static func fingerprint(_ name: String) -> String {
    let hash = name.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  private static func isAliasByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// What the specification recommends for tool names, and `/`, which some servers use.
  private static func isNameByte(_ byte: UInt8) -> Bool {
    isAliasByte(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/")
  }
}

extension String {
  /// Names that differ only in case are one name to a reader.
  fileprivate var folded: String { lowercased() }
}
