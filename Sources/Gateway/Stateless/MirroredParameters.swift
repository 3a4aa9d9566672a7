import Wire

/// The arguments of a tool that a client over HTTP repeats in headers `Mcp-Param-…`, as the schema
/// marks them with `x-mcp-header` (MCP 2026-07-28, Custom Headers).
struct MirroredParameters: Sendable, Hashable {
  static let mark = "x-mcp-header"
  static let prefix = "mcp-param-"

  struct Parameter: Sendable, Hashable {
    /// Names of properties from the root of the arguments.
    let path: [String]
    /// The header's name after `Mcp-Param-`, as the schema spells it.
    let token: String
    let isInteger: Bool
  }

  /// Why a schema's annotations cannot be used; a client then has to drop the tool.
  struct Flaw: Error, Sendable, Hashable, CustomStringConvertible {
    let description: String
  }

  let parameters: [Parameter]

  private static let literal = Array(mark.utf8)

  /// Nil for a schema without annotations, which is almost every one.
  init?(schema: JSONText) throws(Flaw) {
    guard schema.bytes.firstRange(of: Self.literal) != nil else { return nil }
    var walk = Walk()
    try walk.visit(schema, at: [])
    guard !walk.found.isEmpty else { return nil }
    parameters = walk.found
  }

  /// Header names and values for a call with these arguments; absent and null ones are left out.
  func headers(for arguments: JSONText) -> [MirroredHeader] {
    parameters.compactMap { parameter in
      guard let value = arguments[parameter], let text = Self.rendered(value) else { return nil }
      return MirroredHeader(
        name: "Mcp-Param-\(parameter.token)", value: HeaderText.encode(text))
    }
  }

  /// How a value stands in a header; nil for what is never repeated.
  static func rendered(_ value: JSONText) -> String? {
    switch value.kind {
    case .string: value.string
    case .number, .bool: value.description
    case .object, .array, .null: nil
    }
  }
}

extension JSONText {
  /// The argument, nil where it is absent or null.
  subscript(_ parameter: MirroredParameters.Parameter) -> JSONText? {
    var value = self
    for name in parameter.path {
      guard let member = value[name] else { return nil }
      value = member
    }
    return value.isNull ? nil : value
  }
}

/// Goes through every place of a schema (JSON Schema 2020-12) where another schema stands. Data such
/// as `default` or `enum` is not entered, and no `$ref` is followed.
private struct Walk {
  private static let single: Set<String> = [
    "items", "contains", "unevaluatedItems", "additionalProperties", "propertyNames",
    "unevaluatedProperties", "not", "if", "then", "else", "contentSchema",
  ]
  private static let lists: Set<String> = ["allOf", "anyOf", "oneOf", "prefixItems"]
  private static let maps: Set<String> = [
    "patternProperties", "dependentSchemas", "$defs", "definitions",
  ]

  var found: [MirroredParameters.Parameter] = []
  private var names: Set<String> = []

  init() {}

  /// - Parameter path: nil once anything but `properties` lies between the root and here.
  mutating func visit(
    _ schema: JSONText, at path: [String]?
  ) throws(MirroredParameters.Flaw) {
    guard schema.kind == .object else { return }
    for member in schema.members {
      switch member.name {
      case MirroredParameters.mark: try take(member.value, schema, at: path)
      case "properties":
        for property in member.value.members {
          try visit(property.value, at: path.map { $0 + [property.name] })
        }
      case let name where Self.single.contains(name): try visit(member.value, at: nil)
      case let name where Self.lists.contains(name):
        for element in member.value.elements { try visit(element, at: nil) }
      case let name where Self.maps.contains(name):
        for entry in member.value.members { try visit(entry.value, at: nil) }
      default: break
      }
    }
  }

  private mutating func take(
    _ header: JSONText, _ schema: JSONText, at path: [String]?
  ) throws(MirroredParameters.Flaw) {
    guard let path, !path.isEmpty else {
      throw .init(description: "x-mcp-header stands where no property of the arguments is")
    }
    let place = PrintableText(path.joined(separator: "."))
    guard let token = header.string, HeaderText.isToken(token) else {
      throw .init(description: "\(place): x-mcp-header is no name of a header")
    }
    guard let type = schema["type"]?.string, ["string", "integer", "boolean"].contains(type) else {
      throw .init(description: "\(place): x-mcp-header wants the type string, integer or boolean")
    }
    guard names.insert(token.lowercased()).inserted else {
      throw .init(description: "\(place): x-mcp-header \(PrintableText(token)) stands there twice")
    }
    found.append(.init(path: path, token: token, isInteger: type == "integer"))
  }
}
