/// What somebody probably meant by a misspelt name.
package enum NameSuggestion {
  /// The closest of `names`, if it is close enough to be a slip and not another word.
  package static func closest(
    to name: String, among names: some Sequence<String>
  ) -> String? {
    let written = Array(name.lowercased())
    guard !written.isEmpty, written.count <= 64 else { return nil }
    let furthest = max(1, min(3, written.count / 3))
    return names.lazy
      .filter { abs($0.count - written.count) <= furthest }
      .map { (name: $0, distance: distance(written, Array($0.lowercased()))) }
      .filter { $0.distance <= furthest }
      .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
  }

  /// `did you mean ...?`, or nil.
  package static func hint(for name: String, among names: some Sequence<String>) -> String? {
    closest(to: name, among: names).map { "did you mean \($0.forMessage)?" }
  }

  /// Letters to add, drop, change or swap with their neighbour.
  private static func distance(_ one: [Character], _ other: [Character]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...other.count)
    for (row, letter) in one.enumerated() {
      var current = [row + 1]
      for (column, otherLetter) in other.enumerated() {
        var best = min(
          last[column] + (letter == otherLetter ? 0 : 1), last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, letter == other[column - 1], one[row - 1] == otherLetter {
          best = min(best, beforeLast[column - 1] + 1)
        }
        current.append(best)
      }
      (beforeLast, last) = (last, current)
    }
    return last[other.count]
  }
}
