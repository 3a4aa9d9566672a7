import Gateway
import Testing
import Wire

@testable import gateway

struct GoFlagsTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let written: [String]
    /// Nil: refused.
    let read: [String]?
    var testDescription: String { written.joined(separator: " ") }

    init(_ written: [String], _ read: [String]?) {
      self.written = written
      self.read = read
    }
  }

  static let truths = ["1", "t", "T", "true", "TRUE", "True"]
  static let untruths = ["0", "f", "F", "false", "FALSE", "False"]
  static let toggles = [
    "watch", "block-secrets", "block-network", "verify-signatures", "log-calls", "verbose", "keep",
    "long-lived", "static", "dry-run", "enable-all-servers", "allow-unauthenticated",
  ]

  static let toggleRows: [Row] =
    toggles.flatMap { name in
      [Row(["--\(name)"], ["--\(name)"])]
        + truths.map { Row(["--\(name)=\($0)"], ["--\(name)"]) }
        + untruths.map { Row(["--\(name)=\($0)"], ["--no-\(name)"]) }
    }

  @Test(arguments: toggleRows)
  func everyTogglesSpellingIsUnderstood(_ row: Row) { expect(row) }

  static let refused: [Row] =
    ["yes", "no", "on", "off", "", "2", "tRUE", "true ", "-1", "01", "nil"].map {
      Row(["--block-secrets=\($0)"], nil)
    } + [
      Row(["--watch", "false"], nil), Row(["--watch", "true"], nil), Row(["--keep", "FALSE"], nil),
      Row(["--port"], nil), Row(["--servers"], nil), Row(["--catalog", "--watch=0"], nil),
      Row(["--catalog", "--port", "1"], nil), Row([#"--servers="a,b"#], nil),
      Row([#"--servers=a"b,c"#], nil), Row([#"--servers="a"b"#], nil),
    ]

  @Test(arguments: refused)
  func whatCouldBeMisunderstoodIsRefused(_ row: Row) { expect(row) }

  static let values: [Row] = [
    Row(["--port", "8080"], ["--port=8080"]),
    Row(["--port=8080"], ["--port=8080"]),
    Row(["--port="], ["--port", ""]),
    Row(["--memory=2Gb", "--memory", "1g"], ["--memory=2Gb", "--memory=1g"]),
    Row(["--secrets=docker-desktop:./.env"], ["--secrets=docker-desktop:./.env"]),
    Row(["--secrets", "-"], ["--secrets=-"]),
    Row(["--cpus", "-1"], ["--cpus=-1"]),
    Row(["--host=::1"], ["--host=::1"]),
    Row(["--args", "{\"a\": [1, 2]}"], ["--args={\"a\": [1, 2]}"]),
    Row(["--args={\"a=b\": 1}"], ["--args={\"a=b\": 1}"]),
    Row(["--interceptor", "before:exec:a,b \"c\""], ["--interceptor=before:exec:a,b \"c\""]),
    Row(
      ["--interceptor=before:exec:x", "--interceptor=after:http:http://h/?a=1,2"],
      ["--interceptor=before:exec:x", "--interceptor=after:http:http://h/?a=1,2"]),
    Row(["--oci-ref=a,b"], ["--oci-ref=a,b"]),
  ]

  @Test(arguments: values)
  func valuesStayWhole(_ row: Row) { expect(row) }

  static let lists: [Row] = [
    Row(["--servers", "a,b"], ["--servers=a", "--servers=b"]),
    Row(["--servers=a,b", "--servers=c"], ["--servers=a", "--servers=b", "--servers=c"]),
    Row(["--server=docker.io/n/r:latest"], ["--server=docker.io/n/r:latest"]),
    Row(["--servers="], ["--servers", ""]),
    Row(["--servers=a,"], ["--servers=a", "--servers", ""]),
    Row(["--servers=,a"], ["--servers", "", "--servers=a"]),
    Row(["--servers=,"], ["--servers", "", "--servers", ""]),
    Row(["--servers=a, b"], ["--servers=a", "--servers= b"]),
    Row([#"--catalog="a,b",c"#], ["--catalog=a,b", "--catalog=c"]),
    Row([#"--catalog=c,"a,b""#], ["--catalog=c", "--catalog=a,b"]),
    Row([#"--catalog="say ""hi""""#], [#"--catalog=say "hi""#]),
    Row([#"--catalog="""#], ["--catalog", ""]),
    Row(
      ["--tools", "server1:*", "--tools", "server2:tool2"],
      ["--tools=server1:*", "--tools=server2:tool2"]),
    Row(["--catalog=a=b,c"], ["--catalog=a=b", "--catalog=c"]),
    Row(["--gateway-arg=--servers=a"], ["--gateway-arg=--servers=a"]),
    Row(
      ["--gateway-arg=--servers=a,--watch=0"],
      ["--gateway-arg=--servers=a", "--gateway-arg=--watch=0"]),
    Row(["--config", "-x"], ["--config=-x"]),
  ]

  @Test(arguments: lists)
  func listsAreSplitByCommasAndQuotes(_ row: Row) { expect(row) }

  static let others: [Row] = [
    Row([], []),
    Row(["run"], ["run"]),
    Row(["gateway", "run", "--watch=0"], ["gateway", "run", "--no-watch"]),
    Row(["--unknown=1"], ["--unknown=1"]),
    Row(["--unknown", "x"], ["--unknown", "x"]),
    Row(["-h"], ["-h"]),
    Row(["--help"], ["--help"]),
    Row(["-"], ["-"]),
    Row(["--=x"], ["--=x"]),
    Row(["call", "t", "a=--watch=0"], ["call", "t", "a=--watch=0"]),
    Row(["--watch=0", "--", "--watch=0", "a,b"], ["--no-watch", "--", "--watch=0", "a,b"]),
    Row(["--no-watch"], ["--no-watch"]),
    // One letter after a toggle is a word of the command, not a Go truth value.
    Row(["--force", "t"], ["--force", "t"]),
    Row(["--json", "1"], ["--json", "1"]),
  ]

  @Test(arguments: others)
  func everythingElsePassesUnchanged(_ row: Row) { expect(row) }

  private func expect(_ row: Row) {
    let result = CommandFlags.all.normalize(row.written)
    if let read = row.read {
      #expect(result.problems == [])
      #expect(result.words == read)
    } else {
      #expect(result.problems.count == 1)
      #expect(result.problems.allSatisfy { $0.source.hasPrefix("--") && $0.hint != nil })
    }
  }

  @Test func everyFlagOfTheParserIsKnown() throws {
    let dump = try JSONText(validating: HelpDump.text)
    let flags = HelpDump.longNames(in: dump)
    #expect(flags.toggles.count > 10)
    for name in flags.toggles where !["help", "version"].contains(name) && !name.hasPrefix("no-") {
      #expect(CommandFlags.kinds[name] == .toggle, "\(name)")
    }
    for name in flags.options {
      #expect(CommandFlags.kinds[name] != nil && CommandFlags.kinds[name] != .toggle, "\(name)")
    }
  }
}

/// What the parser says of itself.
private enum HelpDump {
  static var text: String { GatewayProgram._dumpHelp() }

  static func longNames(in dump: JSONText) -> (toggles: Set<String>, options: Set<String>) {
    var toggles: Set<String> = []
    var options: Set<String> = []
    func visit(_ command: JSONText) {
      for argument in command["arguments"]?.elements ?? [] {
        let names = (argument["names"]?.elements ?? []).filter { $0["kind"]?.string == "long" }
          .compactMap { $0["name"]?.string }
        if argument["kind"]?.string == "flag" { toggles.formUnion(names) }
        if argument["kind"]?.string == "option" { options.formUnion(names) }
      }
      for child in command["subcommands"]?.elements ?? [] { visit(child) }
    }
    if let command = dump["command"] { visit(command) }
    return (toggles, options)
  }
}
