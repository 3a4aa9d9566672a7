import Wire
import YAML

/// Compares a call's arguments with the schema the model was shown, as far as it protects the
/// command line: required values are there and every value has its declared type.
struct ArgumentCheck {
  let schema: JSONText

  func check(_ arguments: JSONText) throws(ArgumentProblem) {
    guard arguments.kind == .object else {
      throw ArgumentProblem(path: "arguments", message: "must be an object")
    }
    for name in schema["required"]?.elements.compactMap(\.string) ?? [] {
      guard let value = arguments[name], !value.isNull else {
        throw ArgumentProblem(path: "arguments.\(name)", message: "is required")
      }
    }
    for argument in arguments.members {
      guard let property = schema["properties"]?[argument.name] else { continue }
      try check(argument.value, against: property, at: "arguments.\(argument.name)")
    }
  }

  private func check(
    _ value: JSONText, against property: JSONText, at path: String
  ) throws(ArgumentProblem) {
    let types = Self.types(of: property)
    guard types.isEmpty || value.isNull || types.contains(where: { Self.matches(value, $0) }) else {
      throw ArgumentProblem(
        path: path, message: "must be of type \(types.joined(separator: " or "))")
    }
    guard value.kind == .array, let items = property["items"], items.kind == .object else { return }
    for (index, element) in value.elements.enumerated() {
      try check(element, against: items, at: "\(path)[\(index)]")
    }
  }

  private static let known: Set<String> = [
    "string", "integer", "number", "boolean", "array", "object", "null",
  ]

  /// Empty where the schema leaves the type open, or has a word of its own for it.
  private static func types(of property: JSONText) -> [String] {
    guard let type = property["type"] else { return [] }
    let types = type.string.map { [$0] } ?? type.elements.compactMap(\.string)
    return types.allSatisfy(known.contains) ? types : []
  }

  private static func matches(_ value: JSONText, _ type: String) -> Bool {
    switch type {
    case "integer": value.int != nil || (value.double.map { $0 == $0.rounded() } ?? false)
    case "number": value.kind == .number
    case "boolean": value.kind == .bool
    default: value.kind.rawValue == type
    }
  }
}
