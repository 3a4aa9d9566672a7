extension Detector {
  /// The commonest kind: fixed prefixes and one run of characters behind them. Its examples follow
  /// from its shape.
  static func prefixed(
    _ id: String, _ title: String, severity: Severity = .high, _ prefixes: [String],
    _ characters: CharacterClass, between count: ClosedRange<Int>, check: Check = .none
  ) -> Detector {
    Detector(
      id, title, severity: severity, anchors: prefixes.map { Anchor($0) },
      shape: .token(after: [.run(characters, count)], check: check),
      finds: prefixes.map { $0 + Sample.text(characters, count.lowerBound) },
      ignores: prefixes.flatMap { prefix in
        [
          prefix + Sample.text(characters, count.lowerBound - 1),
          prefix + String(repeating: "x", count: count.lowerBound),
          prefix + Sample.text(.alnum, count.upperBound + 8),
        ]
      })
  }

  static func prefixed(
    _ id: String, _ title: String, severity: Severity = .high, _ prefixes: [String],
    _ characters: CharacterClass, exactly count: Int
  ) -> Detector {
    prefixed(id, title, severity: severity, prefixes, characters, between: count...count)
  }

  /// A value of fixed shape that its vendor's name, and a word such as `key` behind it, give away.
  static func named(
    _ id: String, _ title: String, severity: Severity = .high, _ names: [String],
    _ characters: CharacterClass, between count: ClosedRange<Int>
  ) -> Detector {
    Detector(
      id, title, severity: severity, anchors: names.map { .anyCase($0) },
      shape: .named(NamedValue(value: [.run(characters, count)])),
      finds: names.flatMap { name in
        let value = Sample.text(characters, count.lowerBound)
        return ["\(name)_token=\(value)", #"{"\#(name)": {"secret": "\#(value)"}}"#]
      },
      ignores: names.flatMap { name in
        let value = Sample.text(characters, count.lowerBound)
        return [
          "\(name) object \(value)", "\(name)_token=" + value.dropLast(),
          "\(name)_key=" + String(repeating: "0", count: count.lowerBound),
        ]
      })
  }

  static func named(
    _ id: String, _ title: String, severity: Severity = .high, _ names: [String],
    _ characters: CharacterClass, exactly count: Int
  ) -> Detector {
    named(id, title, severity: severity, names, characters, between: count...count)
  }
}
