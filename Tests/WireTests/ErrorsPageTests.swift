import Foundation
import Testing

@testable import Wire

/// docs/errors.md promises stable words and numbers; here it is held against the code.
struct ErrorsPageTests {
  private let sections: [String: [[String]]]

  init() throws {
    let root = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "docs/errors.md"), encoding: .utf8)
    var sections: [String: [[String]]] = [:]
    for section in page.components(separatedBy: "\n## ").dropFirst() {
      let lines = section.components(separatedBy: "\n")
      sections[lines[0]] = lines.filter { $0.hasPrefix("| ") && !$0.hasPrefix("| ---") }.map {
        $0.split(separator: "|").map {
          $0.trimmingCharacters(in: .whitespaces).replacingOccurrences(of: "`", with: "")
        }
      }
    }
    self.sections = sections
  }

  /// The cells of the table whose first column is called `heading`, without the heading's row.
  private func rows(_ section: String, under heading: String) throws -> [[String]] {
    let rows = try #require(sections[section])
    let start = try #require(rows.firstIndex { $0.first == heading }) + 1
    let headings = ["code", "kind", "source"]
    return Array(rows[start...].prefix { !headings.contains($0[0]) })
  }

  @Test func allRefusalCodesAreOnThePage() throws {
    let listed = try rows("Refusals", under: "code").map { Array($0.prefix(2)) }
    #expect(listed == Refusal.Code.allCases.map { [$0.rawValue, String($0.rpcCode)] })
  }

  @Test func allFaultsAreOnThePage() throws {
    #expect(try rows("Faults", under: "kind").map(\.[0]) == Fault.Kind.allCases.map(\.rawValue))
    #expect(
      try rows("Faults", under: "source").map(\.[0]) == Fault.Source.allCases.map(\.rawValue))
  }

  @Test func allJSONRPCCodesAreOnThePage() throws {
    let listed = try rows("JSON-RPC codes", under: "code").map { Array($0.prefix(2)) }
    #expect(listed == RPCError.Code.allCases.map { [String($0.rawValue), "\($0)"] })
  }

  @Test func allExitCodesAreOnThePage() throws {
    let listed = try rows("Exit codes", under: "code").map { Array($0.prefix(2)) }
    #expect(listed == ExitCode.allCases.map { [String($0.rawValue), "\($0)"] })
  }

  @Test func ourCodesAreUniqueAndOutsideOfTheReservedRange() {
    let codes = Refusal.Code.allCases.map(\.rpcCode)
    #expect(Set(codes).count == codes.count)
    #expect(codes.allSatisfy { !(-32768 ... -32000).contains($0) })
  }
}
