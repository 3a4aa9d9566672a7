import Wire

/// Sizes as docker writes them: a number and a unit of powers of 1024, in any case.
public enum MemorySize {
  /// The engine accepts no less for a container.
  private static let smallest: Int64 = 6 << 20

  /// Bytes; 0, which an empty text also means, is no limit. `source` is the flag for the problem.
  public static func parse(_ text: String, source: String = "--memory") throws(Problem) -> Int64 {
    let trimmed = text.trimmed
    if trimmed.isEmpty { return 0 }
    guard let bytes = bytes(trimmed.lowercased()) else {
      throw Problem(
        source: source, "\(text.prefix(40).debugDescription) is not a size",
        hint: "write a number and a unit, such as 512Mb or 2Gb")
    }
    guard bytes == 0 || bytes >= smallest else {
      throw Problem(
        source: source, "\(text.prefix(40).debugDescription) is too little for a container",
        hint: "at least 6Mb")
    }
    return bytes
  }

  private static func bytes(_ text: String) -> Int64? {
    let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let power = power(text[number.endIndex...].drop { $0 == " " }),
      let first = number.first, let last = number.last, first != ".", last != ".",
      let value = Double(number)
    else { return nil }
    let bytes = value * Double(Int64(1) << (10 * power))
    return bytes < Double(Int64.max) ? Int64(bytes) : nil
  }

  /// The exponent of 1024 that a unit stands for: nothing, `b`, `k`, `kb`, `kib` and so on.
  private static func power(_ unit: Substring) -> Int? {
    if unit.isEmpty || unit == "b" { return 0 }
    guard let letter = unit.first, let place = "kmgtp".firstIndex(of: letter),
      ["", "b", "i", "ib"].contains(unit.dropFirst())
    else { return nil }
    return "kmgtp".distance(from: "kmgtp".startIndex, to: place) + 1
  }
}
