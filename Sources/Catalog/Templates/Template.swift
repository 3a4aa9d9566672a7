/// A text with `{{ path | filter }}` references to the operator's values, parsed once.
///
/// References are kept apart from the text around them, so that what a value contributes can be
/// told from what the catalog's author wrote: see ``TemplateText``.
public struct Template: Sendable, Hashable {
  enum Part: Sendable, Hashable {
    case literal(String)
    case reference(Reference)
  }

  struct Reference: Sendable, Hashable {
    /// Keys from the outside in.
    var path: [String]
    var filters: [TemplateFilter]
    /// Words after a bar that are no filter; they change nothing.
    var unknownFilters: [String]
  }

  let parts: [Part]
  /// The text as the catalog has it.
  public let source: String
}

/// A step between a value and the text it becomes.
enum TemplateFilter: Sendable, Hashable {
  enum Fallback: Sendable, Hashable {
    case text(String)
    case list([String])
  }

  /// The first or last element of a list.
  case first, last
  /// Makes a list of what is not one.
  case into
  /// Stands in for what is empty.
  case or(Fallback)
  /// `value:/path[:mode]`.
  case mountAs(String)
  /// `path:path` for each path.
  case volume
  /// The path as the container sees it.
  case volumeTarget
}
