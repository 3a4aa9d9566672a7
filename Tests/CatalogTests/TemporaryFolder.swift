import Foundation
import Wire

@testable import Catalog

/// A folder that is gone when the test is over.
final class TemporaryFolder {
  let path: String

  init() throws {
    // Its own name must not be a link, or paths would change when they are resolved.
    let url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appendingPathComponent("catalog-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, mode 0600, with the folders above it.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try write(name, Array(text.utf8))
  }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
    return file.path
  }

  /// Sources whose files are all in this folder.
  var sources: ConfigurationSources {
    ConfigurationSources(mcpFolder: path + "/mcp", workingFolder: path + "/work", homeFolder: nil)
  }
}

/// For configurations that fetch nothing.
struct NothingIsFetched: Error {}

func load(
  _ sources: ConfigurationSources, desktopStores: [any SecretSource] = [],
  fetched: [String: String] = [:]
) async -> LoadedConfiguration {
  await loadConfiguration(sources, desktopStores: desktopStores) { url in
    guard let text = fetched[url] else { throw NothingIsFetched() }
    return Array(text.utf8)
  }
}

/// A source of secrets in memory.
struct SecretTable: SecretSource {
  var title = "table"
  var values: [String: String]
  func value(of name: String) async throws -> Secret? { values[name].map { Secret($0) } }
}

/// The servers of one catalog text, resolved as if all were enabled.
func resolve(
  _ catalog: String, fetchedFrom url: String? = nil, config: String = "",
  secrets: [String: String] = [:], grants: VolumeGrants = VolumeGrants()
) async throws -> LoadedConfiguration {
  let folder = try TemporaryFolder()
  try folder.write("mcp/catalogs/site.yaml", catalog)
  try folder.write("mcp/config.yaml", config)
  var sources = folder.sources
  sources.catalogs = .init([url ?? "site.yaml"], areExplicit: true)
  sources.enablesAllServers = true
  sources.volumeGrants = grants
  return await load(
    sources, desktopStores: [SecretTable(values: secrets)],
    fetched: url.map { [$0: catalog] } ?? [:])
}

extension LoadedConfiguration {
  /// The container of the only enabled server.
  var container: ContainerRecipe? {
    guard enabled.count == 1, case .container(let recipe) = enabled[0].kind else { return nil }
    return recipe
  }

  /// Everything that was said about all servers, without the paths of the test.
  var messages: [String] {
    (problems + unusable.flatMap(\.problems)).map { problem in
      let place = [problem.line, problem.column].compactMap { $0.map(String.init) }
      return (place + ["\(problem.severity.rawValue): \(problem.message)"]).joined(separator: ":")
    }
  }
}
