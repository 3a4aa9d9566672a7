/// The rules of each part of a reference. Written without regular expressions: these run on names
/// out of untrusted catalogs, and a walk over the bytes has no surprises in time or in meaning.
enum ImageReferenceGrammar {
  /// What is wrong, in words for people; nil if nothing is.
  static func fault(domain: String, path: String, tag: String?, digest: String?) -> String? {
    if !isDomain(domain) { return "the registry is not a host name with an optional port" }
    if "\(domain)/\(path)".utf8.count > 255 { return "the name is longer than 255 characters" }
    if !path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(isComponent) {
      return "each part of the name is lower-case letters and digits, "
        + "separated inside by one of . _ __ or dashes"
    }
    if isImageID(path) { return "64 hexadecimal digits are an image's id, not its name" }
    if let tag, !isTag(tag) {
      return "the tag is at most 128 letters, digits and . _ - and does not start with . or -"
    }
    if let digest, !isDigest(digest) { return "the digest is sha256: and 64 lower-case hex digits" }
    return nil
  }

  static func isDigest(_ text: String) -> Bool {
    let hex = text.utf8.dropFirst(7)
    return text.hasPrefix("sha256:") && hex.count == 64 && hex.allSatisfy(isHex)
  }

  static func isTag(_ text: String) -> Bool {
    guard let first = text.utf8.first, isWord(first), text.utf8.count <= 128 else { return false }
    return text.utf8.allSatisfy { isWord($0) || $0 == dot || $0 == dash }
  }

  /// Runs of lower-case letters and digits joined by `.`, `_`, `__` or any number of dashes.
  private static func isComponent(_ text: Substring) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, let last = bytes.last, isLower(first), isLower(last) else {
      return false
    }
    let separators = bytes.split(whereSeparator: isLower)
    return separators.allSatisfy { run in
      run.elementsEqual([dot]) || run.elementsEqual([underscore])
        || run.elementsEqual([underscore, underscore]) || run.allSatisfy { $0 == dash }
    }
  }

  private static func isDomain(_ text: String) -> Bool {
    if text.hasPrefix("[") { return isBracketedAddress(text) }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, let host = parts.first else { return false }
    let labels = host.split(separator: ".", omittingEmptySubsequences: false)
    return labels.allSatisfy(isLabel) && (parts.count == 1 || isPort(parts[1]))
  }

  private static func isLabel(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    return text.utf8.count <= 63 && isAlphanumeric(first) && isAlphanumeric(last)
      && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == dash }
  }

  private static func isBracketedAddress(_ text: String) -> Bool {
    guard let close = text.firstIndex(of: "]") else { return false }
    let inner = text[text.index(after: text.startIndex)..<close].utf8
    let rest = text[text.index(after: close)...]
    let isAddress =
      inner.count >= 2 && inner.contains(colon)
      && inner.allSatisfy { isHexAnyCase($0) || $0 == colon }
    return isAddress && (rest.isEmpty || (rest.first == ":" && isPort(rest.dropFirst())))
  }

  private static func isPort(_ text: Substring) -> Bool {
    guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy(isDigit),
      let port = Int(text)
    else { return false }
    return (1...65535).contains(port)
  }

  /// Such a name would be taken for an image's id by the engine.
  private static func isImageID(_ path: String) -> Bool {
    let name = path.hasPrefix("library/") ? path.dropFirst(8) : path[...]
    return name.utf8.count == 64 && name.utf8.allSatisfy(isHex)
  }

  private static let dot = UInt8(ascii: ".")
  private static let dash = UInt8(ascii: "-")
  private static let underscore = UInt8(ascii: "_")
  private static let colon = UInt8(ascii: ":")

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
  private static func isHex(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }
  private static func isHexAnyCase(_ byte: UInt8) -> Bool {
    isHex(byte) || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
  }
  private static func isLower(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }
  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isLower(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }
  private static func isWord(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || byte == underscore }
}
