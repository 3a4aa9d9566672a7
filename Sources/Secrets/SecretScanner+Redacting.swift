import Wire

/// A text without the secrets that were found in it, and the way back.
public struct RedactedText: Sendable {
  public let text: JSONText
  /// Where a placeholder stands.
  public var paths: [JSONPath] { places.map(\.path) }

  fileprivate struct Place: Sendable {
    let path: JSONPath
    let placeholder: JSONText
    let original: JSONText
  }
  fileprivate let places: [Place]

  fileprivate init(text: JSONText, places: [Place]) {
    self.text = text
    self.places = places
  }

  /// A text in which nothing was, or may be, replaced.
  public init(unchanged text: JSONText) { self.init(text: text, places: []) }

  /// `other` with the secrets put back, each only where it was taken out: whoever worked on the text
  /// without seeing them can leave them or take them out, but move them nowhere.
  public func restoring(_ other: JSONText) -> JSONText {
    other.replacing(
      places.compactMap { place in
        guard let found = other[place.path], found.string == place.placeholder.string else {
          return nil
        }
        return (found, place.original)
      })
  }
}

extension SecretScanner {
  /// A text split over blocks, or doubly encoded, may need another look after the first is gone.
  private static let mostRounds = 8

  /// `text` with each string that holds a secret replaced by a placeholder that names the rule. Nil
  /// where that cannot be done: a secret is a number or stands in a member's name, or too many are
  /// found.
  public func redacting(_ text: JSONText) throws(ScanFailure) -> RedactedText? {
    var placeholders: [Int: JSONText] = [:]
    var current = text
    for _ in 0..<Self.mostRounds {
      let seen = try sightings(in: current)
      guard !seen.isEmpty else { return redacted(text, current, placeholders) }
      let inStrings = seen.filter { $0.string != Layer.noString }
      guard !inStrings.isEmpty, inStrings.allSatisfy({ placeholders[$0.string] == nil }) else {
        return nil
      }
      for sighting in inStrings {
        placeholders[sighting.string] = JSONText(string: "[redacted: \(sighting.rule.name)]")
      }
      current = text.replacingStrings(placeholders)
    }
    return nil
  }

  private func redacted(
    _ text: JSONText, _ clean: JSONText, _ placeholders: [Int: JSONText]
  ) -> RedactedText? {
    var places: [RedactedText.Place] = []
    guard !placeholders.isEmpty else { return RedactedText(unchanged: text) }
    for (number, string) in text.strings.enumerated() {
      guard let placeholder = placeholders[number] else { continue }
      // A placeholder in a name's stead could not be put back, and two could be equal.
      guard !string.isName else { return nil }
      let path = string.path
      guard let original = text[path] else { return nil }
      places.append(.init(path: path, placeholder: placeholder, original: original))
    }
    return RedactedText(text: clean, places: places)
  }
}
