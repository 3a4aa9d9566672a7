import Wire

/// One thing that `doctor` looked at.
struct Finding: Sendable, Equatable {
  enum Status: String, Sendable { case ok, warn, fail }

  let name: String
  let status: Status
  let detail: String
  /// The way to get what is missing.
  let remedy: String?

  init(_ name: String, _ status: Status, _ detail: String, remedy: String? = nil) {
    self.name = name
    self.status = status
    self.detail = detail
    self.remedy = remedy
  }

  var json: JSONText {
    JSONText(present: [
      ("name", JSONText(string: name)), ("status", JSONText(string: status.rawValue)),
      ("detail", JSONText(string: detail)), ("fix", remedy.json),
    ])
  }

  func lines(_ style: Style) -> [String] {
    let colour: Style.Colour =
      switch status {
      case .ok: .green
      case .warn: .yellow
      case .fail: .red
      }
    let word = status.rawValue + String(repeating: " ", count: 5 - status.rawValue.count)
    let first = "\(style.paint(word, colour)) \(name): \(detail.printable)"
    return [first] + (remedy.map { ["      \($0.printable)"] } ?? [])
  }
}
