/// A name in which `*` stands for any characters, none included. Matching takes time in proportion
/// to the lengths, whatever the pattern.
public struct NamePattern: Sendable, Hashable, CustomStringConvertible {
  public let description: String

  public init(_ text: String) { description = text }

  /// Goes on greedily and comes back only to the last `*`: earlier ones need no second try.
  public func matches(_ name: String) -> Bool {
    let pattern = Array(description.utf8)
    let name = Array(name.utf8)
    var (at, inName) = (0, 0)
    var retry: (pattern: Int, name: Int)?
    while inName < name.count {
      if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
        retry = (at + 1, inName)
        at += 1
      } else if at < pattern.count, pattern[at] == name[inName] {
        at += 1
        inName += 1
      } else if let last = retry {
        retry = (last.pattern, last.name + 1)
        (at, inName) = (last.pattern, last.name + 1)
      } else {
        return false
      }
    }
    return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
