/// A text made from a template in which it stays known what came from a value. Only what the
/// template's author wrote may mean something: separate the fields of a volume, start an option.
struct TemplateText: Sendable, Hashable {
  struct Piece: Sendable, Hashable {
    var text: String
    var isData: Bool
  }

  /// None of them empty.
  private(set) var pieces: [Piece] = []

  static let empty = TemplateText()

  static func literal(_ text: String) -> TemplateText { TemplateText(text, isData: false) }
  static func data(_ text: String) -> TemplateText { TemplateText(text, isData: true) }

  private init() {}

  private init(_ text: String, isData: Bool) {
    if !text.isEmpty { pieces = [Piece(text: text, isData: isData)] }
  }

  static func + (one: TemplateText, other: TemplateText) -> TemplateText {
    var sum = one
    sum.pieces += other.pieces
    return sum
  }

  var text: String { pieces.map(\.text).joined() }
  var isEmpty: Bool { pieces.isEmpty }
  var hasData: Bool { pieces.contains(where: \.isData) }
  var startsWithData: Bool { pieces.first?.isData ?? false }
}
