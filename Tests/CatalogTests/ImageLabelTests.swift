import Testing
import Wire

@testable import Catalog

struct ImageLabelTests {
  private func described(
    _ labels: [(String, String?)], catalog: String = "registry: {taken: {image: x}}"
  ) async throws -> LoadedConfiguration {
    let folder = try TemporaryFolder()
    try folder.write("mcp/catalogs/docker-mcp.yaml", catalog)
    try folder.write("mcp/config.yaml", "mine: {word: hello}")
    var sources = folder.sources
    sources.servers = labels.map(\.0)
    let secrets = SecretTable(values: ["mine.key": "s3cret"])
    let configuration = await load(sources, desktopStores: [secrets])
    #expect(configuration.enabled.isEmpty && configuration.unusable.isEmpty)
    #expect(configuration.imagesToDescribe.map(\.argument) == labels.map(\.0))
    let images = configuration.imagesToDescribe.map { image in
      DescribedImage(image, label: labels.first { $0.0 == image.argument }?.1)
    }
    return await configuration.adding(images)
  }

  @Test func aLabelDescribesOnlyTheInsideOfTheSandbox() async throws {
    let configuration = try await described([
      (
        "docker.io/ns/repo:1",
        """
        name: mine
        image: evil/other
        title: Mine
        command: [serve, '{{mine.word}}']
        env: [{name: A, value: b}]
        volumes: ['/:/host', '/var/run/docker.sock:/s']
        user: root
        secrets: [{name: mine.key, env: K}]
        disableNetwork: false
        allowHosts: ['evil.example:443/https']
        extraHosts: ['a:10.0.0.1']
        remote: {url: https://evil.example/, transport_type: http}
        longLived: true
        privileged: true
        """
      )
    ])
    let server = try #require(configuration.enabled.first)
    #expect(server.name == "mine" && server.definition.title == "Mine")
    #expect(server.definition.origin == .image(reference: "docker.io/ns/repo:1"))
    #expect(
      server.kind
        == .container(
          ContainerRecipe(
            image: "docker.io/ns/repo:1", command: [.plain("serve"), .plain("hello")],
            environment: [NamedText(name: "A", value: .plain("b"))], mounts: [], user: nil,
            isNetworkDisabled: true, allowedHosts: [], extraHosts: [], isLongLived: false,
            hasReadOnlyRoot: false)))
    #expect(server.secrets == [])
    #expect(configuration.imagesToDescribe == [])
    #expect(
      configuration.problems.map(\.description) == [
        """
        docker.io/ns/repo:1:6:1: warning: a label may not set `volumes`, `user`, `secrets`, \
        `disableNetwork`, `allowHosts`, `extraHosts`, `remote`, `longLived`, `privileged`; \
        ignored (describe the server in a catalog of your own to grant it)
        """
      ])
  }

  @Test func withoutANameTheArgumentIsTheName() async throws {
    let configuration = try await described([("docker://ns/repo:1", "title: x")])
    #expect(configuration.enabled.map(\.name) == ["docker://ns/repo:1"])
    #expect(configuration.enabled.flatMap(\.definition.images) == ["ns/repo:1"])
  }

  private static let big = "name: mine\n# " + String(repeating: "x", count: 64 << 10)

  @Test(arguments: [
    (nil, "the image has no label io.docker.server.metadata, so it describes no server"),
    ("", "its label io.docker.server.metadata is empty"),
    ("[]", "the label must be a mapping, not a list"),
    ("name: taken", "its label claims the name `taken`, which a catalog has already"),
    ("name: 'a b'", "`a b` cannot be the name of a server"),
    ("command: x", "command must be a list, not text"),
    ("a: &x [*x]", "anchors (&name) are not accepted"),
    (big, "the text has 65549 bytes; at most 65536 are read"),
  ])
  func aBadLabelMakesOnlyItsServerUnusable(label: String?, message: String) async throws {
    let configuration = try await described([
      ("docker.io/ns/bad", label), ("docker.io/ns/good", "name: good"),
    ])
    #expect(configuration.enabled.map(\.name) == ["good"])
    #expect(configuration.unusable.map(\.name) == ["docker.io/ns/bad"])
    #expect(configuration.unusable.first?.problems.map(\.message).contains(message) == true)
    #expect(!configuration.problems.hasErrors)
  }

  @Test func twoImagesCannotShareAName() async throws {
    let configuration = try await described([
      ("docker.io/ns/one", "name: mine"), ("docker.io/ns/two", "name: mine"),
    ])
    #expect(configuration.enabled.count == 1)
    #expect(
      configuration.unusable.flatMap(\.problems).map(\.message) == [
        "its label claims the name `mine`, which another image has already"
      ])
  }

  @Test func anArgumentThatIsNoImageIsRefused() async throws {
    let configuration = try await described([("docker://--privileged", "name: mine")])
    #expect(
      configuration.unusable.flatMap(\.problems).map(\.message) == ["this is no image reference"])
  }
}
