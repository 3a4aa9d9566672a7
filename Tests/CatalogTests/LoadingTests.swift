import Foundation
import Testing
import Wire

@testable import Catalog

struct LoadingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func messages(_ configuration: LoadedConfiguration) -> [String] {
    configuration.problems.map { $0.description.replacing(folder.path, with: "…") }
  }

  private func watched(_ configuration: LoadedConfiguration) -> [String] {
    configuration.watchedFiles.map { $0.path.replacing(folder.path, with: "…") }
  }

  @Test func withoutAnyFileNothingIsEnabledAndNothingIsWrong() async {
    let configuration = await load(folder.sources)
    #expect(configuration.enabled.isEmpty && configuration.unusable.isEmpty)
    #expect(messages(configuration) == [])
    #expect(
      watched(configuration) == [
        "…/mcp/catalog.json", "…/mcp/catalogs/docker-mcp.yaml", "…/mcp/registry.yaml",
        "…/mcp/config.yaml", "…/mcp/tools.yaml",
      ])
    // Nothing is created either.
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/mcp"))
  }

  @Test func filesThatTheOperatorNamedMustExist() async {
    var sources = folder.sources
    sources.catalogs = .init(["site.yaml"], areExplicit: true)
    sources.registries = .init(["./r.yaml"], areExplicit: true)
    sources.configs = .init(["/nowhere/c.yaml"], areExplicit: true)
    sources.toolsConfigs.additional = ["../t.yaml"]
    let below = "error: there is no such file (a path without ./ or / in front is below …/mcp"
    #expect(
      messages(await load(sources)) == [
        "…/mcp/catalogs/site.yaml: \(below)/catalogs)", "…/work/r.yaml: \(below))",
        "/nowhere/c.yaml: \(below))", "…/t.yaml: \(below))",
      ])
  }

  @Test(arguments: [
    ("/a/b.yaml", "/a/b.yaml", "/a/b.yaml"), ("./b.yaml", "/w/b.yaml", "/w/b.yaml"),
    ("b.yaml", "/m/b.yaml", "/m/catalogs/b.yaml"),
    ("x/b.yaml", "/m/x/b.yaml", "/m/catalogs/x/b.yaml"),
    ("../b.yaml", "/b.yaml", "/m/b.yaml"), ("./../b.yaml", "/b.yaml", "/b.yaml"),
  ])
  func pathsStartWhereTheyAlwaysDid(path: String, settings: String, catalog: String) {
    let paths = FilePaths(mcpFolder: "/m", workingFolder: "/w")
    #expect(paths.settings(path) == settings)
    #expect(paths.catalog(path) == catalog)
    #expect(paths.secrets("x") == "/w/x" && paths.secrets("./x") == "/w/x")
    #expect(paths.secrets("/x") == "/x" && paths.secrets("../x") == "/x")
  }

  @Test func laterFilesWin() async throws {
    try folder.write("work/1.yaml", "registry: {a: {image: one}, b: {image: one}}")
    try folder.write("work/2.yaml", "registry: {b: {image: two}, c: {image: two}}")
    try folder.write("work/r1.yaml", "registry: {a: {ref: ''}}")
    try folder.write("work/r2.yaml", "registry: {b: , a: {}}")
    try folder.write("work/c1.yaml", "a: {x: 1, y: 1}\nb: {x: 1}")
    try folder.write("work/c2.yaml", "a: {x: 2}")
    try folder.write("work/t1.yaml", "a: [p]\nb: [p]")
    try folder.write("work/t2.yaml", "a: [q]")
    var sources = folder.sources
    sources.catalogs = .init(
      ["./1.yaml", "", "./1.yaml"], areExplicit: true, additional: ["./2.yaml"])
    sources.registries = .init(["./r1.yaml"], areExplicit: true, additional: ["./r2.yaml"])
    sources.configs = .init(["./c1.yaml", "./c2.yaml"], areExplicit: true)
    sources.toolsConfigs = .init(["./t1.yaml"], areExplicit: true, additional: ["./t2.yaml"])
    let configuration = await load(sources)
    #expect(configuration.enabled.map(\.name) == ["a", "b"])
    #expect(configuration.enabled.flatMap(\.definition.images) == ["one", "two"])
    #expect(configuration.resolver.sections["a"]?.description == #"{"x":2}"#)
    #expect(configuration.resolver.sections["b"]?.description == #"{"x":1}"#)
    #expect(!configuration.toolFilter.allows(server: "a", image: nil, tool: "p"))
    #expect(configuration.toolFilter.allows(server: "b", image: nil, tool: "p"))
    #expect(
      messages(configuration) == [
        "…/work/c2.yaml:1: warning: the section of `a` replaces that of an earlier file",
        "…/work/t2.yaml:1: warning: the list of tools of `a` replaces that of an earlier file",
        "…/work/2.yaml: warning: server `b` replaces the one of …/work/1.yaml",
      ])
    #expect(configuration.definition(of: "b")?.images == ["two"])
    #expect(configuration.definition(of: "d") == nil)
  }

  @Test func aLaterWrongServerReplacesAnEarlierRightOne() async throws {
    try folder.write("work/1.yaml", "registry: {a: {image: one}}")
    try folder.write("work/2.yaml", "registry: {a: {image: []}}")
    var sources = folder.sources
    sources.catalogs = .init(["./1.yaml", "./2.yaml"], areExplicit: true)
    sources.servers = ["a"]
    let configuration = await load(sources)
    #expect(configuration.enabled.isEmpty)
    #expect(configuration.unusable.map(\.name) == ["a"])
    #expect(configuration.definition(of: "a") == nil)
  }

  @Test(arguments: [
    ["./local.yaml", "https://a.example/"], ["https://a.example/", "./local.yaml"],
  ])
  func aFetchedCatalogNeverReplacesALocalServer(_ catalogs: [String]) async throws {
    try folder.write("work/local.yaml", "registry: {a: {image: local}, b: {image: []}}")
    var sources = folder.sources
    sources.catalogs = .init(catalogs, areExplicit: true)
    sources.servers = ["a", "b", "c"]
    let configuration = await load(
      sources,
      fetched: [
        "https://a.example/":
          "registry: {a: {image: fetched}, b: {image: fetched}, c: {image: fetched}}"
      ])
    #expect(configuration.enabled.flatMap(\.definition.images) == ["local", "fetched"])
    // A local one that is wrong is not replaced either: what the operator wrote counts.
    #expect(configuration.unusable.map(\.name) == ["b"])
    let warnings = messages(configuration)
    #expect(warnings.count == 2)
    if catalogs.last == "https://a.example/" {
      #expect(
        warnings.first == """
          https://a.example/: warning: server `a` is not taken from here: a catalog from the \
          network never replaces a server of a local one, …/work/local.yaml (take it out of the \
          local catalog to use this one)
          """)
    }
  }

  @Test func ofTwoFetchedCatalogsTheLaterCounts() async throws {
    var sources = folder.sources
    sources.catalogs = .init(["https://a.example/", "https://b.example/"], areExplicit: true)
    sources.servers = ["a"]
    let configuration = await load(
      sources,
      fetched: [
        "https://a.example/": "registry: {a: {image: first}}",
        "https://b.example/": "registry: {a: {image: second}}",
      ])
    #expect(configuration.enabled.flatMap(\.definition.images) == ["second"])
  }

  @Test func serversThatAreNotFoundAreSkippedWithAdvice() async throws {
    try folder.write("mcp/catalogs/docker-mcp.yaml", "registry: {notes: {image: x}}")
    try folder.write("mcp/registry.yaml", "registry:\n  note: {}\n  notes: {}\n  zebra: {}\n")
    var sources = folder.sources
    let fromRegistry = await load(sources)
    #expect(fromRegistry.enabled.map(\.name) == ["notes"])
    #expect(
      messages(fromRegistry) == [
        """
        …/mcp/registry.yaml:2:3: warning: server `note` is not found in any catalog and skipped \
        (did you mean `notes`?)
        """,
        "…/mcp/registry.yaml:4:3: warning: server `zebra` is not found in any catalog and skipped",
      ])
    sources.servers = [" notes ", "Nots", "", "ghcr.io/x/y:1", "notes"]
    let fromFlag = await load(sources)
    #expect(fromFlag.enabled.map(\.name) == ["notes"])
    #expect(!watched(fromFlag).contains("…/mcp/registry.yaml"))
    #expect(
      messages(fromFlag) == [
        """
        --servers: warning: server `Nots` is not found in any catalog and skipped (did you mean \
        `notes`?)
        """,
        """
        --servers: warning: server `ghcr.io/x/y:1` is not found in any catalog and skipped (to \
        run an image by its own description, write docker://ghcr.io/x/y:1)
        """,
      ])
  }

  @Test func allServersCanBeEnabled() async throws {
    try folder.write("mcp/catalogs/docker-mcp.yaml", "registry: {b: {image: x}, a: {image: y}}")
    try folder.write("mcp/registry.yaml", "registry: {b: {}}")
    var sources = folder.sources
    sources.enablesAllServers = true
    let configuration = await load(sources)
    #expect(configuration.enabled.map(\.name) == ["a", "b"])
    #expect(!watched(configuration).contains("…/mcp/registry.yaml"))
  }

  @Test func importedCatalogsJoinTheDefaultOne() async throws {
    try folder.write(
      "mcp/catalog.json",
      #"{"catalogs": {"site": {"displayName": "S", "url": "u"}, "gone": {}, "../up": {}}}"#)
    try folder.write("mcp/catalogs/docker-mcp.yaml", "registry: {a: {image: default}}")
    try folder.write("mcp/catalogs/site.yaml", "registry: {a: {image: site}}")
    var sources = folder.sources
    sources.servers = ["a"]
    let byDefault = await load(sources)
    #expect(byDefault.enabled.flatMap(\.definition.images) == ["site"])
    #expect(
      messages(byDefault) == [
        "…/mcp/catalog.json:1:69: error: `../up` cannot be the name of a catalog",
        """
        …/mcp/catalogs/gone.yaml: warning: there is no such file (catalog.json names it; import \
        it again or remove it there)
        """,
        """
        …/mcp/catalogs/site.yaml: warning: server `a` replaces the one of \
        …/mcp/catalogs/docker-mcp.yaml
        """,
      ])
    // A name of catalog.json means its file, and only the named catalog is read then.
    sources.catalogs = .init(["site"], areExplicit: true)
    let byName = await load(sources)
    #expect(byName.catalogs.map(\.source) == [folder.path + "/mcp/catalogs/site.yaml"])
  }

  @Test func catalogsAreFetched() async {
    var sources = folder.sources
    sources.catalogs = .init(
      ["https://a.example/c.yaml", "http://desktop.docker.com/mcp/c.yaml"], areExplicit: true)
    sources.servers = ["a", "b"]
    let configuration = await load(
      sources,
      fetched: [
        "https://a.example/c.yaml": "registry: {a: {image: x, volumes: ['/tmp/x:/x']}}",
        "https://desktop.docker.com/mcp/c.yaml": "registry: {b: {image: y, user: root}}",
      ])
    #expect(configuration.enabled.map(\.name) == ["b"])
    #expect(
      configuration.unusable.flatMap(\.problems).map(\.description) == [
        """
        https://a.example/c.yaml:1: error: server `a`: the volume `/tmp/x:/x` (`/tmp/x`) is \
        refused: it is outside the folders that may be mounted (allow its folder with \
        MCP_GATEWAY_DOCKER_BIND_ALLOWED_PATHS)
        """
      ])
    #expect(!configuration.watchedFiles.contains { $0.path.contains("example") })
  }

  @Test func theQueryOfACatalogsAddressIsNotShown() async {
    let url = "https://a.example/c.yaml?token=s3cret"
    var sources = folder.sources
    sources.catalogs = .init([url], areExplicit: true)
    sources.servers = ["a"]
    let fetched = await load(sources, fetched: [url: "registry: {a: {image: x, unknown: 1}}"])
    let missing = await load(sources)
    for configuration in [fetched, missing] {
      #expect(configuration.problems.contains { $0.source == "https://a.example/c.yaml" })
      #expect(!configuration.problems.contains { $0.description.contains("s3cret") })
    }
  }

  @Test func aCatalogThatCannotBeFetchedIsAnError() async {
    var sources = folder.sources
    sources.catalogs = .init(["https://a.example/c.yaml"], areExplicit: true)
    let text = await load(sources).problems.map(\.description)
    #expect(text == ["https://a.example/c.yaml: error: it cannot be fetched: NothingIsFetched()"])
    let told = await loadConfiguration(sources) { url in
      throw Problem(source: url, "the server answered 404")
    }
    #expect(told.problems.map(\.message) == ["the server answered 404"])
    let fault = await loadConfiguration(sources) { _ in throw Fault(.remote, from: .server, "gone")
    }
    #expect(fault.problems.map(\.message) == ["it cannot be fetched: gone"])
  }

  @Test func wrongServersThatNobodyEnabledAreOnlyWarnings() async throws {
    try folder.write("work/c.yaml", "registry: {a: {image: []}, b: {image: x}}")
    var sources = folder.sources
    sources.catalogs = .init(["./c.yaml"], areExplicit: true, additional: ["https://a.example/"])
    sources.servers = ["b"]
    let configuration = await load(
      sources, fetched: ["https://a.example/": "registry: {p: {image: []}, q: {image: []}}"])
    #expect(configuration.unusable == [])
    #expect(
      messages(configuration) == [
        "…/work/c.yaml:1:23: warning: image must be text, not a list",
        """
        https://a.example/:1:23: warning: 2 of its servers cannot be used; the first: image must \
        be text, not a list
        """,
      ])
  }

  @Test func grantsMustBeAbsolute() async {
    var sources = folder.sources
    sources.volumeGrants = VolumeGrants(readableRoots: ["/a", "b"], writablePaths: ["~/c"])
    #expect(
      messages(await load(sources)) == [
        "MCP_GATEWAY_DOCKER_BIND_ALLOWED_PATHS: error: `b` is not an absolute path",
        "MCP_GATEWAY_DOCKER_BIND_ALLOW_WRITABLE_PATHS: error: `~/c` is not an absolute path",
      ])
  }

  @Test func filesThatCannotBeReadAreErrors() async throws {
    try folder.write("mcp/registry.yaml/x", "")
    try folder.write("mcp/config.yaml", String(repeating: "#", count: (4 << 20) + 1))
    try #require(mkfifo(folder.path + "/mcp/tools.yaml", 0o600) == 0)
    #expect(
      messages(await load(folder.sources)) == [
        "…/mcp/registry.yaml: error: it is a folder, not a file",
        "…/mcp/config.yaml: error: it cannot be read: it is larger than 4194304 bytes",
        "…/mcp/tools.yaml: error: it cannot be read: it is no regular file",
      ])
  }

  @Test func aFileThatAnybodyCanChangeIsMentioned() async throws {
    let file = try folder.write("mcp/config.yaml", "")
    try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: file)
    #expect(
      messages(await load(folder.sources)) == [
        """
        …/mcp/config.yaml: warning: every user of this host can change this file (chmod o-w \
        …/mcp/config.yaml)
        """
      ])
  }

  /// Each small file with what is wrong in it.
  @Test(arguments: [
    ("registry.yaml", "registry: [a]", "1:11: error: registry must be a mapping, not a list"),
    ("registry.yaml", "a: {}", "1:1: warning: unknown key `a`"),
    (
      "registry.yaml", "registry: {a: 1}",
      "1:15: error: an entry of registry must be a mapping, not a number"
    ),
    ("registry.yaml", "- a", "1:1: error: a registry file must be a mapping, not a list"),
    ("config.yaml", "a: 1", "1:4: error: the section of a server must be a mapping, not a number"),
    ("config.yaml", "[]", "1:1: error: a config file must be a mapping, not a list"),
    ("config.yaml", "a: &x {b: *x}", "1:4: error: anchors (&name) are not accepted (remove it)"),
    ("tools.yaml", "a: b", "1:4: error: the tools of a server must be a list, not text"),
    (
      "tools.yaml", "a: [[b]]",
      "1:5: error: an entry of the tools of a server must be text, not a list"
    ),
    (
      "tools.yaml", "a:",
      "1:1: warning: `a` has no list, so none of its tools (write [] for none, or take the line out for all)"
    ),
    ("tools.yaml", "text", "1:1: error: a tools file must be a mapping, not text"),
    ("catalog.json", "[]", "1:1: error: catalog.json must be a mapping, not a list"),
    ("catalog.json", "{\"catalogs\": []}", "1:14: error: catalogs must be a mapping, not a list"),
    (
      "catalogs/docker-mcp.yaml", "registry: 1",
      "1:11: error: registry must be a mapping, not a number"
    ),
  ])
  func wrongFilesAreToldWithTheirPlace(name: String, text: String, problem: String) async throws {
    try folder.write("mcp/" + name, text)
    let found = messages(await load(folder.sources))
      .filter { !$0.contains("not found in any catalog") }
    #expect(found == ["…/mcp/\(name):\(problem)"])
  }

  @Test(arguments: [
    "registry.yaml", "config.yaml", "tools.yaml", "catalog.json", "catalogs/docker-mcp.yaml",
  ])
  func binaryFilesAreRefusedWithTheirPlace(name: String) async throws {
    try folder.write("mcp/" + name, [0x61, 0x3A, 0x0A, 0x20, 0, 1, 2, 0xFF])
    #expect(
      messages(await load(folder.sources)) == [
        "…/mcp/\(name):2:2: error: this is not text: it holds a NUL byte"
      ])
  }
}
