import Foundation
import Testing
import Wire

@testable import Catalog

struct WorkedExampleTests {
  private func loaded(
    _ change: (inout ConfigurationSources) -> Void = { _ in }
  ) async throws -> LoadedConfiguration {
    let folder = try TemporaryFolder()
    var sources = try WorkedExample.write(to: folder)
    change(&sources)
    return await load(sources)
  }

  @Test func theRegistryEnablesTwoServers() async throws {
    let configuration = try await loaded()
    // Whether the host has /tmp/notes is not the example's business.
    #expect(configuration.messages.filter { !$0.contains("does not exist on this host") } == [])
    #expect(configuration.enabled.map(\.name) == ["notes", "resize"])
    #expect(configuration.catalogs.map(\.displayName) == ["Site catalog"])
    #expect(configuration.catalogs.first?.servers.count == 4)
  }

  @Test func theContainerOfNotesIsExactlyTheExpectedOne() async throws {
    let configuration = try await loaded { $0.servers = ["notes"] }
    let expected = ContainerRecipe(
      image: "example/notes@sha256:\(WorkedExample.digest)",
      // The third element spreads nothing: no value, and a list literal as the default.
      command: [.plain("--transport=stdio"), .plain("--lang=fr")],
      environment: [
        NamedText(name: "NOTES_KEY", value: .secret(Secret("s3cret"))),
        NamedText(
          name: "NOTES_HEADER", value: .secret(Secret("Authorization: Token s3cret"))),
        NamedText(name: "NOTES_TITLE", value: .plain("My notes")),
      ],
      mounts: [Mount(source: .hostPath("/tmp/notes"), target: "/notes", isWritable: false)],
      user: "1000:1000", isNetworkDisabled: true, allowedHosts: [], extraHosts: [],
      isLongLived: false, hasReadOnlyRoot: false)
    #expect(configuration.container == expected)
    #expect(configuration.enabled.first?.secrets.map(\.name) == ["notes.api_key"])
    #expect(configuration.enabled.first?.definition.tools.map(\.name) == ["search", "read"])
    #expect(configuration.enabled.first?.definition.configSchemas.count == 1)
  }

  @Test func nothingOfTheConfigurationShowsASecret() async throws {
    let configuration = try await loaded { $0.enablesAllServers = true }
    #expect(configuration.enabled.count == 4)
    var shown = "\(configuration) \(String(reflecting: configuration.enabled))"
    dump(configuration, to: &shown)
    #expect(!shown.contains("s3cret") && !shown.contains("Bearer abc"))
  }

  @Test func weatherLivesLongAndNamesItsHosts() async throws {
    let container = try #require(await loaded { $0.servers = ["weather"] }.container)
    #expect(container.isLongLived && !container.isNetworkDisabled)
    #expect(container.allowedHosts.map(\.host) == ["api.weather.example", "db.weather.example"])
    #expect(container.allowedHosts.map(\.layer) == [.https, .tcp])
  }

  @Test func trackerIsReachedWithItsToken() async throws {
    let configuration = try await loaded { $0.servers = ["tracker"] }
    #expect(
      configuration.enabled.first?.kind
        == .remote(
          RemoteRecipe(
            url: "https://mcp.tracker.example/mcp", transport: .streamableHTTP,
            headers: [
              NamedText(name: "X-Team", value: .plain("blue")),
              NamedText(name: "Authorization", value: .secret(Secret("Bearer abc"))),
            ])))
  }

  @Test func resizeRunsOneContainerPerCall() async throws {
    let configuration = try await loaded { $0.servers = ["resize"] }
    guard case .containerTools(let tools) = configuration.enabled.first?.kind,
      let recipe = tools.first
    else {
      Issue.record("resize is a set of container tools")
      return
    }
    #expect(recipe.tool.inputSchema["properties"]?["width"]?["type"]?.string == "integer")
    #expect(recipe.tool.inputSchema["required"]?.elements.count == 2)
    let run = try recipe.run(
      arguments: JSONText(validating: #"{"path": "/tmp/notes/a.png", "width": 100}"#))
    let mount = Mount(
      source: .hostPath("/tmp/notes/a.png"), target: "/tmp/notes/a.png", isWritable: false)
    #expect(
      run
        == ToolRun(
          image: "example/resize:1", command: ["--width", "100", "/tmp/notes/a.png"],
          mounts: [mount], user: nil))
  }

  @Test func theToolsFileLeavesOnlySearch() async throws {
    let filter = try await loaded().toolFilter
    #expect(filter.allows(server: "notes", image: nil, tool: "search"))
    #expect(!filter.allows(server: "notes", image: nil, tool: "read"))
    #expect(filter.allows(server: "resize", image: nil, tool: "resize_image"))
  }

  @Test func theFlagsOverruleRegistryAndToolsFile() async throws {
    let configuration = try await loaded {
      $0.servers = ["notes", "weather"]
      $0.tools = ["notes:*", "weather:forecast"]
    }
    #expect(configuration.enabled.map(\.name) == ["notes", "weather"])
    let filter = configuration.toolFilter
    #expect(filter.allows(server: "notes", image: nil, tool: "read"))
    #expect(filter.allows(server: "weather", image: nil, tool: "forecast"))
    #expect(!filter.allows(server: "weather", image: nil, tool: "alarm"))
    let names = configuration.watchedFiles.map { ($0.path as NSString).lastPathComponent }
    #expect(names == ["catalog.json", "site.yaml", "config.yaml", ".env"])
  }
}
