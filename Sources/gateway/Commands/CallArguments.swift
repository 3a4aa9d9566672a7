import Wire

/// The arguments of a tool as somebody typed them.
struct CallArguments: Sendable, Equatable {
  private enum Written: Sendable, Equatable {
    case object(JSONText)
    case pairs([Pair])
  }
  private struct Pair: Sendable, Equatable {
    let key: String
    let value: String?
  }

  private let written: Written

  init(words: [String], json: String?) throws(Problem) {
    guard let json else {
      written = .pairs(words.map(Self.pair))
      return
    }
    guard words.isEmpty else {
      throw Problem(
        source: "--args", "cannot be combined with KEY=VALUE words", hint: "use one of the two")
    }
    do throws(JSONProblem) {
      let object = try JSONText(validating: json)
      guard object.kind == .object else { throw JSONProblem(.unexpectedByte, at: 0) }
      written = .object(object)
    } catch {
      throw Problem(
        source: "--args", "is not a JSON object: \(error)", hint: #"write '{"key": "value"}'"#)
    }
  }

  private static func pair(_ word: String) -> Pair {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    return Pair(
      key: parts.first.map(String.init) ?? "", value: parts.count > 1 ? String(parts[1]) : nil)
  }

  /// As the tool's schema wants them: a shell has only texts.
  func object(for schema: JSONText?) -> JSONText {
    guard case .pairs(let pairs) = written else {
      if case .object(let object) = written { return object }
      return .emptyObject
    }
    var keys: [String] = []
    for pair in pairs where !keys.contains(pair.key) { keys.append(pair.key) }
    return JSONText(
      object: keys.map { key in
        let kinds = Kinds(schema?["properties"]?[key])
        let values = pairs.filter { $0.key == key }.map { $0.value }
        return (key, Self.value(values, kinds))
      })
  }

  private static func value(_ texts: [String?], _ kinds: Kinds) -> JSONText {
    let values = texts.map { text in text.map(kinds.element) ?? .null }
    let isArray = values.count > 1 || (kinds.isArray && texts != [nil])
    return isArray ? JSONText(array: values) : values.first ?? .null
  }

  /// What a property may be.
  private struct Kinds {
    let isArray: Bool
    private let names: Set<String>

    init(_ property: JSONText?) {
      isArray = Self.names(property).contains("array")
      names = isArray ? Self.names(property?["items"]) : Self.names(property)
    }

    private static func names(_ schema: JSONText?) -> Set<String> {
      guard let type = schema?["type"] else { return [] }
      return Set(type.string.map { [$0] } ?? type.elements.compactMap(\.string))
    }

    func element(_ text: String) -> JSONText {
      guard !names.contains("string"), let value = try? JSONText(validating: text) else {
        return JSONText(string: text)
      }
      let kind =
        switch value.kind {
        case .bool: "boolean"
        case .number: "number"
        default: value.kind.rawValue
        }
      let isWanted = names.contains(kind) || (kind == "number" && names.contains("integer"))
      return isWanted ? value : JSONText(string: text)
    }
  }
}
