import Wire

extension JSONText {
  /// An array of strings.
  static func strings(_ values: [String]) -> JSONText {
    JSONText(array: values.map { JSONText(string: $0) })
  }

  /// An object of strings, in the order of its names: equal values give equal bytes.
  static func strings(_ values: [String: String]) -> JSONText {
    JSONText(object: values.sorted { $0.key < $1.key }.map { ($0.key, JSONText(string: $0.value)) })
  }

  /// The strings of an array; Go writes `null` for an empty one.
  var stringElements: [String] { elements.compactMap(\.string) }

  /// The string members of an object; Go writes `null` for an empty one.
  var stringMembers: [String: String] {
    var found: [String: String] = [:]
    for member in members { found[member.name] = member.value.string }
    return found
  }
}

extension JSONLimits {
  /// An answer of the engine: lists of images and containers can be long.
  static let fromEngine = JSONLimits(maximumBytes: 32 << 20)
}
