import YAML

/// Which names are accepted, and what is wrong with the others. All of them end up in logs, labels,
/// command lines of people or requests, so each has a narrow alphabet.
public enum Names {
  /// A server's name: the colon is for `server:tool`, white space and commas for lists.
  static func isServer(_ name: String) -> Bool {
    (1...128).contains(name.utf8.count) && startsWithWord(name)
      && name.utf8.allSatisfy { isWord($0) || "_.-/+".utf8.contains($0) }
  }

  static func isTool(_ name: String) -> Bool {
    (1...128).contains(name.utf8.count)
      && name.utf8.allSatisfy { isWord($0) || "_.-/".utf8.contains($0) }
  }

  static func isVariable(_ name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= 256 else { return false }
    return (isWord(first) && !isDigit(first) || first == UInt8(ascii: "_"))
      && name.utf8.allSatisfy { isWord($0) || "_.-".utf8.contains($0) }
  }

  /// A secret's name, which is also that of a file in a folder of secrets.
  public static func isSecret(_ name: String) -> Bool { isFile(name) }

  /// A file within a folder: nothing hidden, no path.
  public static func isFile(_ name: String) -> Bool {
    (1...253).contains(name.utf8.count) && startsWithWord(name)
      && name.utf8.allSatisfy { isWord($0) || "_.-".utf8.contains($0) }
  }

  /// What could be an image reference; the engine knows the exact grammar.
  static func isImage(_ reference: String) -> Bool {
    (1...512).contains(reference.utf8.count) && startsWithWord(reference)
      && reference.utf8.allSatisfy { isWord($0) || "_.-/:@".utf8.contains($0) }
  }

  /// A user of a container: `name`, `uid`, `uid:gid`.
  static func isUser(_ user: String) -> Bool {
    let parts = user.split(separator: ":", omittingEmptySubsequences: false)
    return (1...2).contains(parts.count)
      && parts.allSatisfy { part in
        (1...64).contains(part.utf8.count) && part.utf8.first != UInt8(ascii: "-")
          && part.utf8.allSatisfy { isWord($0) || "_.-".utf8.contains($0) }
      }
  }

  /// RFC 9110 section 5.6.2.
  static func isHeader(_ name: String) -> Bool {
    (1...128).contains(name.utf8.count)
      && name.utf8.allSatisfy { isWord($0) || "!#$%&'*+-.^_`|~".utf8.contains($0) }
  }

  private static func startsWithWord(_ name: String) -> Bool {
    name.utf8.first.map(isWord) ?? false
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
