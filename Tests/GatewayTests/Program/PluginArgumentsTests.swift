import Gateway
import Testing
import Wire

@testable import gateway

struct PluginArgumentsTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let written: String
    let words: String
    var docker = DockerChoice()
    var testDescription: String { written }
  }

  static let rows: [Row] = [
    Row(written: "", words: ""),
    Row(written: "gateway run", words: "gateway run"),
    Row(written: "mcp gateway run --port 8080", words: "gateway run --port 8080"),
    Row(written: "mcp", words: ""),
    Row(written: "mcp mcp", words: "mcp"),
    Row(written: "mcp --help", words: "--help"),
    Row(written: "help mcp", words: "help"),
    Row(written: "help mcp gateway run", words: "help gateway run"),
    Row(written: "help run", words: "help run"),
    Row(written: "--help", words: "--help"),
    Row(written: "--version", words: "--version"),
    Row(written: "-H unix:///x mcp version", words: "version", docker: .init(host: "unix:///x")),
    Row(written: "-H=unix:///x mcp version", words: "version", docker: .init(host: "unix:///x")),
    Row(written: "-Hunix:///x mcp version", words: "version", docker: .init(host: "unix:///x")),
    Row(written: "--host unix:///x mcp run", words: "run", docker: .init(host: "unix:///x")),
    Row(written: "--host=unix:///x mcp run", words: "run", docker: .init(host: "unix:///x")),
    Row(written: "-DH unix:///x mcp run", words: "run", docker: .init(host: "unix:///x")),
    Row(written: "--context mcp mcp run", words: "run", docker: .init(context: "mcp")),
    Row(written: "-c mcp mcp run", words: "run", docker: .init(context: "mcp")),
    Row(written: "-cremote mcp run", words: "run", docker: .init(context: "remote")),
    Row(
      written: "--config /d mcp run --config /c", words: "run --config /c",
      docker: .init(configFolder: "/d")),
    Row(written: "--log-level debug -D mcp run", words: "run"),
    Row(written: "-l debug --debug mcp run", words: "run"),
    Row(written: "--debug=true --tls=false --tlsverify=0 mcp run", words: "run"),
    // Without the word mcp nothing is docker's.
    Row(written: "-D run", words: "-D run"),
    Row(written: "--context mcp", words: "--context mcp"),
    Row(written: "-H", words: "-H"),
    Row(written: "run mcp", words: "run mcp"),
    Row(written: "--unknown mcp run", words: "--unknown mcp run"),
  ]

  @Test(arguments: rows)
  func dockersPartIsTakenOff(_ row: Row) {
    let arguments = PluginArguments(row.written.split(separator: " ").map(String.init))
    #expect(arguments.words.joined(separator: " ") == row.words)
    #expect(arguments.docker == row.docker)
    #expect(arguments.problems == [])
  }

  @Test(arguments: [
    "--tls mcp run", "--tlsverify mcp run", "--tlscacert /c mcp run", "-H a -H b mcp run",
  ])
  func whatCannotBeHonouredIsAProblem(_ written: String) {
    let arguments = PluginArguments(written.split(separator: " ").map(String.init))
    #expect(arguments.problems.count == 1)
  }

  @Test func wordsStayAsTheyAre() {
    #expect(PluginArguments(["mcp", "run", "b c", ""]).words == ["run", "b c", ""])
  }

  @Test(arguments: [
    ("docker-mcp", true), ("/a/cli-plugins/docker-mcp", true), ("gateway", false), ("", false),
    ("docker-mcp.ok", false), ("/docker-mcp/gateway", false),
  ])
  func theProgramsNameDecides(_ name: String, _ isPlugin: Bool) {
    #expect(PluginArguments.isPlugin(programName: name) == isPlugin)
  }

  @Test func theMetadataIsWhatDockerAsksFor() throws {
    let metadata = try JSONText(validating: PluginMetadata.text)
    #expect(metadata["SchemaVersion"]?.string == "0.1.0")
    #expect(metadata["Vendor"]?.string?.isEmpty == false)
    #expect(metadata["Version"]?.string == Version.current)
  }
}
