import Testing
import Wire

@testable import Catalog

struct ResolvingTests {
  private func environment(
    _ server: String, config: String = "", secrets: [String: String] = [:]
  ) async throws -> [String] {
    let configuration = try await resolve(
      "registry:\n  s: {image: x, \(server)}\n", config: config, secrets: secrets)
    let container = try #require(configuration.container)
    return container.environment.map { "\($0.name)=\($0.value.exposed)" }
  }

  @Test(
    arguments: [
      ("env: [{name: A, value: b}]", ["A=b"]),
      ("env: [{name: A, value: 8080}, {name: B, value: true}]", ["A=8080", "B=true"]),
      // What is empty is not set.
      (
        "env: [{name: A}, {name: B, value: ''}, {name: C, value: '$X'}, {name: D, value: '{{s.x}}'}]",
        []
      ),
      // Each sees what was set before it.
      (
        "env: [{name: A, value: '$B'}, {name: B, value: b}, {name: C, value: '${B}c$A'}]",
        ["B=b", "C=bc"]
      ),
      ("env: [{name: A, value: a}, {name: A, value: '$A$A'}]", ["A=aa"]),
      // The gateway's own variables are not for servers.
      ("env: [{name: A, value: '$HOME$PATH'}]", []),
      // Templates and variables do not mix.
      ("env: [{name: A, value: a}, {name: B, value: '{{s.word}}$A'}]", ["A=a", "B=w$A"]),
      ("env: [{name: A, value: '{{s.list}}'}, {name: B, value: '{x}'}]", ["A=[p q]", "B={x}"]),
    ] as [(String, [String])])
  func variablesAreSetInTheirOrder(server: String, expected: [String]) async throws {
    let found = try await environment(server, config: "s: {word: w, list: [p, q]}")
    #expect(found == expected)
  }

  @Test func secretsComeFirstAndOnlyDeclaredOnesAreKnown() async throws {
    let found = try await environment(
      "secrets: [{name: s.key, env: K}], env: [{name: A, value: 'x$K'}, {name: B, value: '$OTHER'}]",
      secrets: ["s.key": "1", "other.key": "2", "OTHER": "3"])
    #expect(found == ["K=1", "A=x1"])
  }

  @Test func aMissingSecretIsAWarningAndNotSet() async throws {
    let configuration = try await resolve(
      """
      registry:
        s: {image: x, secrets: [{name: s.key, env: K}], env: [{name: A, value: 'x$K'}]}
      """)
    #expect(configuration.container?.environment == [NamedText(name: "A", value: .plain("x"))])
    #expect(
      configuration.messages == [
        "2:warning: server `s`: no source has the secret `s.key`; K is not set"
      ])
  }

  @Test func theCommandIsTemplatedAndThenExpanded() async throws {
    let configuration = try await resolve(
      """
      registry:
        my.srv:
          image: x
          secrets: [{name: k, env: K}]
          env: [{name: A, value: a}]
          command: ['{{my_srv.port}}', '{{my_srv.args}}', '$A', '--key=$K', '{"a": 1}', '{{my.srv.port}}', '{{other.x}}']
      """, config: "my.srv: {port: 80, args: [-v, '$A']}\nother: {x: y}\n", secrets: ["k": "s3cret"]
    )
    #expect(
      configuration.container?.command == [
        .plain("80"), .plain("-v"), .plain("a"), .plain("a"), .secret(Secret("--key=s3cret")),
        .plain(#"{"a": 1}"#), .plain(""), .plain(""),
      ])
    #expect(
      configuration.messages == [
        """
        2:warning: server `my.srv`: its command holds a secret, which every process list of the \
        host shows
        """
      ])
  }

  @Test func volumesAndUserAreTemplated() async throws {
    let configuration = try await resolve(
      """
      registry:
        s:
          image: x
          user: '{{s.user}}'
          volumes: ['{{s.paths|volume}}', '{{s.none|mount_as:/n}}', 'data:/data']
          readOnlyRootfs: true
          extraHosts: ['db:10.0.0.1']
      """, config: "s: {user: 1000, paths: [/tmp, /var/tmp]}")
    let container = try #require(configuration.container)
    #expect(
      container.mounts == [
        Mount(source: .hostPath("/tmp"), target: "/tmp", isWritable: false),
        Mount(source: .hostPath("/var/tmp"), target: "/var/tmp", isWritable: false),
        Mount(source: .namedVolume("data"), target: "/data", isWritable: true),
      ])
    #expect(container.user == "1000" && container.hasReadOnlyRoot)
    #expect(container.extraHosts.map(\.address) == ["10.0.0.1"])
  }

  @Test(arguments: [
    (
      "volumes: ['{{s.bad}}:/x']",
      "the volume `{{s.bad}}:/x` is refused: a value holds a colon, which would separate fields"
    ),
    ("volumes: ['/tmp/a:/x', '/tmp/b:/x']", "two volumes have the target `/x`"),
    ("user: '{{s.bad}}'", "`/etc:/x:rw` cannot be a user"),
    (
      "volumes: ['/tmp/a:/x:rw']",
      "the volume `/tmp/a:/x:rw` (`/tmp/a`) is refused: it may only be mounted read-only"
    ),
  ])
  func whatCannotBeResolvedMakesTheServerUnusable(field: String, message: String) async throws {
    let configuration = try await resolve(
      "registry:\n  s: {image: x, \(field)}\n  t: {image: y}\n", config: "s: {bad: '/etc:/x:rw'}")
    #expect(configuration.enabled.map(\.name) == ["t"])
    let errors = configuration.unusable.flatMap(\.problems).filter { $0.severity == .error }
    #expect(errors.map(\.message) == ["server `s`: " + message])
  }

  @Test func aFolderThatIsNotThereIsAWarning() async throws {
    let folder = try TemporaryFolder()
    let missing = folder.path + "/missing"
    let configuration = try await resolve(
      "registry:\n  s: {image: x, volumes: ['\(missing):/a', '\(folder.path):/b']}\n")
    #expect(configuration.container?.mounts.count == 2)
    #expect(
      configuration.messages == [
        "2:warning: server `s`: the folder `\(missing)` to mount does not exist on this host"
      ])
  }

  @Test func valuesThatTheSchemaRequiresAreMissed() async throws {
    let schema = "{name: s, required: [a, b]}, {name: other, required: [c]}, {required: [d]}"
    let configuration = try await resolve(
      "registry:\n  s: {image: x, config: [\(schema)]}\n", config: "s: {a: 1}")
    #expect(
      configuration.messages == [
        "2:warning: server `s`: its section of config.yaml has no `b`, which it requires",
        "2:warning: server `s`: its section of config.yaml has no `d`, which it requires",
      ])
  }

  @Test func aFetchedServerGetsWhatTheOperatorGranted() async throws {
    let catalog = "registry: {s: {image: x, volumes: ['{{s.folder}}:/x', '/tmp/w:/w:rw']}}"
    let configuration = try await resolve(
      catalog, fetchedFrom: "https://a.example/", config: "s: {folder: /srv/granted/below}",
      grants: VolumeGrants(readableRoots: ["/srv/granted"], writablePaths: ["/tmp/w"]))
    #expect(configuration.container?.mounts.map(\.isWritable) == [false, true])
  }

  @Test(arguments: ["a\r\nX-Other: b", "a\nb", "a\u{0}"])
  func aSecretCannotAddAHeader(value: String) async throws {
    let configuration = try await resolve(
      """
      registry:
        s:
          remote: {url: https://a/, transport_type: http, headers: {Authorization: Bearer $T}}
          secrets: [{name: s.t, env: T}]
      """, secrets: ["s.t": value])
    #expect(configuration.enabled.isEmpty)
    let text = configuration.unusable.flatMap(\.problems).map(\.description).joined()
    #expect(text.contains("would hold a control character") || text.contains("holds a NUL"))
    #expect(!text.contains("X-Other"))
  }

  @Test func remoteHeadersKnowOnlyTheSecretsOfTheirServer() async throws {
    let configuration = try await resolve(
      """
      registry:
        s:
          remote: {url: https://a/, transport_type: http, headers: {A: $T, B: $U, C: x$U, D: $HOME}}
          secrets: [{name: s.t, env: T}]
          oauth: {providers: []}
      """, secrets: ["s.t": "1", "s.u": "2", "U": "3"])
    guard case .remote(let recipe) = configuration.enabled.first?.kind else {
      Issue.record("the server is remote")
      return
    }
    #expect(recipe.headers.map { "\($0.name)=\($0.value.exposed)" } == ["A=1", "C=x"])
    #expect(configuration.messages == ["2:warning: server `s`: oauth is not supported"])
  }
}
