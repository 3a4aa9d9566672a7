import Glibc
import Wire

/// The two places a command writes to: stdout is data for programs, stderr is talk for people.
enum Talk {
  static func data(_ text: String) { write(text.hasSuffix("\n") ? text : text + "\n", to: 1) }
  static func say(_ text: String) { write(text + "\n", to: 2) }
  /// A question: the answer comes on the same line.
  static func prompt(_ text: String) { write(text, to: 2) }

  static func say(_ problems: [Problem]) {
    for problem in problems.inReadingOrder { say(styled(problem)) }
  }

  private static func styled(_ problem: Problem) -> String {
    let style = Style(descriptor: 2)
    let word = "\(problem.severity.rawValue):"
    let painted =
      problem.severity == .error ? style.paint(word, .red) : style.paint(word, .yellow)
    // If a file is called so as well, only the colour is misplaced.
    return problem.description.replacing(word, with: painted, maxReplacements: 1)
  }

  /// Whatever cannot be written any more has no reader: there is nobody to tell.
  private static func write(_ text: String, to descriptor: CInt) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}

/// Colour where people look at it, and nowhere else.
struct Style {
  enum Colour: String {
    case red = "31"
    case green = "32"
    case yellow = "33"
    case bold = "1"
  }

  private let isOn: Bool

  init(descriptor: CInt) {
    isOn = isatty(descriptor) == 1 && !Self.isSet("NO_COLOR") && !Self.isDumb
  }

  func paint(_ text: String, _ colour: Colour) -> String {
    isOn ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
  }

  private static func isSet(_ name: String) -> Bool {
    Inheritance.variables[name].map { !$0.isEmpty } == true
  }
  private static var isDumb: Bool { Inheritance.variables["TERM"] == "dumb" }
}
