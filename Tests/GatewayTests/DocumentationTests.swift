import Foundation
import Testing

/// What README.md and docs/ point to exists, and the flags in the README are the program's.
struct DocumentationTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static let pages: [String] = {
    let docs = try? FileManager.default.contentsOfDirectory(atPath: root.path + "/docs")
    return ["README.md"] + (docs ?? []).filter { $0.hasSuffix(".md") }.map { "docs/" + $0 }.sorted()
  }()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// `path` as it is spelled in the file system, whose letters' case may not count.
  private static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).standardized.path)
  }

  /// The anchor that a heading gets on the pages of code hosts.
  private static func anchors(of page: String) throws -> Set<String> {
    Set(
      try text(page).split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
        line.drop { $0 == "#" || $0 == " " }.lowercased()
          .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
          .replacing(" ", with: "-")
      })
  }

  @Test func allPagesAreSeen() {
    #expect(Self.pages.count >= 9)
  }

  @Test(arguments: pages)
  func everyRelativeLinkLeadsSomewhere(page: String) throws {
    let folder = page.contains("/") ? "docs/" : ""
    for match in try Self.text(page).matches(of: /\]\(([^)\s]+)\)/) {
      let link = String(match.1)
      guard !link.hasPrefix("http") else { continue }
      let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let target = parts[0].isEmpty ? page : folder + parts[0]
      #expect(Self.exists(target), "\(page) links to \(link)")
      guard parts.count > 1, Self.exists(target) else { continue }
      #expect(try Self.anchors(of: target).contains(String(parts[1])), "\(page) links to \(link)")
    }
  }

  @Test(arguments: pages)
  func everyFileThatIsNamedExists(page: String) throws {
    let named = /`((?:Sources|Tests|Fuzz|Bench|scripts|examples|docs)\/[A-Za-z0-9_+.\/-]*)/
    for match in try Self.text(page).matches(of: named) {
      #expect(Self.exists(String(match.1)), "\(page) names \(match.1)")
    }
  }

  @Test func theFlagsOfTheReadmeAreThoseOfTheProgram() throws {
    let options = try Self.text("Sources/gateway/RunOptions.swift")
    let ours = options.components(separatedBy: "struct ForeignOptions")[0]
    var flags = Set(
      ours.matches(of: /var `?([a-zA-Z]+)`?: (?:Bool\?|String\?|\[String\])/).map { match in
        "--"
          + match.1.reduce(into: "") {
            $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1)
          }
      })
    flags.formUnion(ours.matches(of: /customLong\("([a-z-]+)"\)/).map { "--\($0.1)" })
    let documented = try Self.text("README.md").matches(of: /\n\| `(--[a-z-]+)`/).map {
      String($0.1)
    }
    #expect(flags.count > 30)
    #expect(Set(documented).subtracting(flags) == [], "flags that do not exist")
    #expect(flags.subtracting(documented) == [], "flags that are not documented")
    #expect(Set(documented).count == documented.count)
  }
}
