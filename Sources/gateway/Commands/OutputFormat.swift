import ArgumentParser
import Wire

/// How a listing is printed.
struct FormatOptions: ParsableArguments {
  enum Format: String, CaseIterable, ExpressibleByArgument { case list, json }

  @Option(help: "list for people, json for programs.") var format: Format = .list

  /// Prints one of the two to stdout.
  func print(list: @autoclosure () -> [String], json: @autoclosure () -> JSONText) {
    switch format {
    case .list: for line in list() { Talk.data(line.printable) }
    case .json: Talk.data(json().description)
    }
  }
}

extension String {
  /// Whole, but without anything that would act on a terminal: names and descriptions come from
  /// servers and catalogs.
  var printable: String {
    let longestEscape = 10
    return PrintableText(self, limit: unicodeScalars.count * longestEscape).description
  }

  /// Up to the end of the first sentence or line.
  var firstSentence: String {
    let line = split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    guard let end = line.firstRange(of: ". ") else { return line }
    return String(line[..<end.lowerBound]) + "."
  }
}

extension JSONText {
  /// An object without the members that have no value.
  init(present members: [(String, JSONText?)]) {
    self.init(object: members.compactMap { name, value in value.map { (name, $0) } })
  }

  init(strings: [String]) { self.init(array: strings.map(JSONText.init(string:))) }
}

extension Optional where Wrapped == String {
  var json: JSONText? { map(JSONText.init(string:)) }
}
