import Testing
import Wire

@testable import Catalog

struct CatalogDecodingTests {
  private func decode(
    _ text: String, fetched: Bool = false
  ) -> (catalog: CatalogDocument, problems: [Problem]) {
    CatalogDocument.decode(
      Array(text.utf8), from: fetched ? .fetched(url: "f") : .localFile(path: "f"))
  }

  /// What is said about the fields of one container server; `…` is the only good one.
  @Test(arguments: [
    ("image: [x]", "4:12: error: image must be text, not a list"),
    ("image: ''", "4:12: error: image is empty"),
    ("image: --privileged", "4:12: error: `--privileged` is no image reference"),
    ("image: 'a b'", "4:12: error: `a b` is no image reference"),
    ("command: --x", "4:14: error: command must be a list, not text"),
    ("command: [{a: b}]", "4:15: error: an entry of command must be text, not a mapping"),
    ("secrets: {a: b}", "4:14: error: secrets must be a list, not a mapping"),
    ("secrets: [{name: a}]", "4:15: error: env is missing"),
    ("secrets: [{env: A}]", "4:15: error: name is missing"),
    ("secrets: [{name: ../a, env: A}]", "4:15: error: `../a` cannot be the name of a secret"),
    ("secrets: [{name: a, env: 1A}]", "4:15: error: `1A` cannot be the name of a variable"),
    ("secrets: [{name: a, env: A=B}]", "4:15: error: `A=B` cannot be the name of a variable"),
    (
      "secrets: [{name: a, env: A}, {name: b, env: A}]",
      "4:34: error: two secrets have the variable `A`"
    ),
    ("env: {A: b}", "4:10: error: env must be a list, not a mapping"),
    ("env: [{name: A=B, value: c}]", "4:11: error: `A=B` cannot be the name of a variable"),
    ("env: [{value: c}]", "4:11: error: name is missing"),
    ("env: [{name: A, value: [c]}]", "4:28: error: value must be text, not a list"),
    ("volumes: [1, [a]]", "4:18: error: an entry of volumes must be text, not a list"),
    ("user: a b", "4:11: error: `a b` cannot be a user (write uid, uid:gid or a name)"),
    ("disableNetwork: yes", "4:21: error: disableNetwork must be true or false, not text"),
    ("longLived: 'true'", "4:16: error: longLived must be true or false, not quoted text"),
    ("readOnlyRootfs: 1", "4:21: error: readOnlyRootfs must be true or false, not a number"),
    (
      "allowHosts: [x]",
      """
      4:18: error: `x` cannot be an entry of allowHosts (write host:port, host:port/https or \
      host:port/tcp)
      """
    ),
    (
      "extraHosts: [x]",
      "4:18: error: `x` cannot be an entry of extraHosts (write name:address)"
    ),
    ("config: {a: b}", "4:13: error: config must be a list, not a mapping"),
    ("config: [a]", "4:14: error: an entry of config must be a mapping, not text"),
    ("tools: [a]", "4:13: error: a tool must be a mapping, not text"),
    (
      "protocol: 2025-11-25",
      "4:15: error: the protocol `2025-11-25` is unknown (write auto, handshake or 2026-07-28)"
    ),
    ("title: [a]", "4:12: error: title must be text, not a list"),
    ("prefix: 'a b'", "4:13: error: prefix must be a word"),
    (
      "remote: {url: https://a/}",
      "3:5: error: it has an image and a remote address (keep one of the two)"
    ),
  ])
  func aWrongFieldMakesOnlyItsServerUnusable(field: String, problem: String) {
    let image = field.hasPrefix("image") ? "icon: x" : "image: x"
    let (catalog, problems) = decode(
      "registry:\n  bad:\n    \(image)\n    \(field)\n  good: {image: y}\n")
    #expect(problems == [])
    #expect(catalog.servers.map(\.name) == ["good"])
    #expect(catalog.unusable.map(\.name) == ["bad"])
    #expect(catalog.unusable.first?.problems.map(\.description) == ["f:" + problem])
  }

  @Test(arguments: [
    (
      "a: 1", "`bad` says nothing",
      "3:5: error: it says not how it runs (write image, remote or tools)"
    ),
    ("tools: []", "", "3:5: error: it says not how it runs (write image, remote or tools)"),
    (
      "tools: [{name: t}]", "",
      """
      3:13: error: the tool `t` has no container (a server without image and remote is a set of \
      container tools)
      """
    ),
    ("tools: [{name: t, container: {}}]", "", "3:34: error: image is missing"),
    (
      "tools: [{name: t, container: []}]", "",
      "3:34: error: container must be a mapping, not a list"
    ),
    ("tools: [{container: {image: x}}]", "", "3:13: error: name is missing"),
    (
      "tools: [{name: 'a b', container: {image: x}}]", "",
      "3:13: error: `a b` cannot be the name of a tool"
    ),
    (
      "tools: [{name: t, container: {image: x}}, {name: t, container: {image: x}}]", "",
      "3:47: error: two tools have the name `t`"
    ),
    (
      "tools: [{name: t, parameters: [], container: {image: x}}]", "",
      "3:35: error: parameters must be a mapping, not a list"
    ),
    (
      "tools: [{name: t, parameters: {type: string}, container: {image: x}}]", "",
      "3:35: error: the type of parameters must be object"
    ),
    ("remote: https://a/", "", "3:13: error: remote must be a mapping, not text"),
    ("remote: {transport_type: sse}", "", "3:13: error: url is missing"),
    ("remote: {url: https://a/}", "", "3:13: error: transport_type is missing"),
    (
      "remote: {url: https://a/, transport_type: ws}", "",
      "3:47: error: the transport `ws` is unknown (write sse or streamable-http)"
    ),
    (
      "remote: {url: 'ftp://a', transport_type: sse}", "",
      "3:19: error: the address must start with https:// or http:// (write https://host/path)"
    ),
    (
      "sseEndpoint: 'https://u:p@a/'", "",
      "3:18: error: the address must not hold credentials (write https://host/path)"
    ),
    (
      "remote: {url: https://a/, transport_type: sse, headers: {Host: x}}", "",
      "3:62: error: the header `Host` is the gateway's to set"
    ),
    (
      "remote: {url: https://a/, transport_type: sse, headers: {'A:B': x}}", "",
      "3:62: error: `A:B` cannot be the name of a header"
    ),
    (
      "remote: {url: https://a/, transport_type: sse, headers: {A: x, a: y}}", "",
      "3:68: error: the header `a` stands here twice"
    ),
  ])
  func aServerMustSayHowItRuns(field: String, _: String, problem: String) {
    let (catalog, _) = decode("registry:\n  bad:\n    \(field)\n")
    let errors = catalog.unusable.first?.problems.filter { $0.severity == .error }
    #expect(errors?.map(\.description) == ["f:" + problem])
  }

  @Test func allProblemsOfAServerAreToldAtOnce() {
    let (catalog, _) = decode("registry:\n  bad: {image: 1 2, command: x, env: y, user: 'a b'}\n")
    #expect(catalog.unusable.first?.problems.count == 4)
  }

  @Test func unknownKeysOfALocalCatalogAreWarnings() {
    let (catalog, problems) = decode(
      """
      registry:
        a: {image: x, docker_args: [--rm], comand: [b]}
        b: {remote: {url: https://a/, transport_type: sse, header: {}}}
        c: {image: x, env: [{name: A, vale: b, example: c}], secrets: [{name: a, env: B, key: c}]}
      regisrty: {}
      """)
    #expect(catalog.servers.count == 3)
    #expect(
      problems.map(\.description) == [
        "f:5:1: warning: unknown key `regisrty` (did you mean `registry`?)",
        "f:2:17: warning: unknown key `docker_args`",
        "f:2:38: warning: unknown key `comand` (did you mean `command`?)",
        "f:3:54: warning: unknown key `header` (did you mean `headers`?)",
        "f:4:33: warning: unknown key `vale` (did you mean `value`?)",
        "f:4:84: warning: unknown key `key`",
      ])
  }

  @Test func unknownKeysOfAFetchedCatalogAreOneWarning() {
    let text = "registry:\n  a: {image: x, p: 1, q: 2}\n  b: {image: x, r: 1}\n"
    #expect(
      decode(text, fetched: true).problems.map(\.description) == [
        "f:2:17: warning: unknown key `p`, and 2 more like it"
      ])
  }

  @Test func filtersWithoutEffectAreWarnings() {
    let (_, problems) = decode(
      "registry:\n  a: {image: x, command: ['{{a.b| or:c}}', '{{a.b|up}}']}\n")
    #expect(
      problems.map(\.description) == [
        """
        f:2:27: warning: the filter `or:c` is unknown and changes nothing (write it without a \
        space after the bar)
        """,
        "f:2:44: warning: the filter `up` is unknown and changes nothing",
      ])
  }

  @Test(arguments: [
    ("extraHosts: ['a:10.0.0.1']", "a catalog from the network may not set extraHosts"),
    (
      "secrets: [{name: other.key, env: A}]",
      """
      a catalog from the network may only name secrets of its own server, `bad.…`, not `other.key`
      """
    ),
    (
      "secrets: [{name: badly.key, env: A}]",
      """
      a catalog from the network may only name secrets of its own server, `bad.…`, not `badly.key`
      """
    ),
  ])
  func aFetchedCatalogHasNoPowerOverTheHost(field: String, message: String) {
    let text = "registry:\n  bad: {image: x, \(field)}\n  good: {image: y}\n"
    let (catalog, problems) = decode(text, fetched: true)
    #expect(problems == [])
    #expect(catalog.servers.map(\.name) == ["good"])
    #expect(catalog.unusable.first?.problems.map(\.message) == [message])
    #expect(decode(text).catalog.unusable == [])
  }

  @Test func aFetchedCatalogMayDescribeTheInside() {
    let (catalog, problems) = decode(
      "registry:\n  a: {image: x, user: root, command: [y], secrets: [{name: a.key, env: A}]}\n",
      fetched: true)
    #expect(problems == [])
    #expect(catalog.servers.map(\.origin) == [.fetched(url: "f", line: 2)])
  }

  @Test(
    arguments: [
      ("", []), ("registry: {}", []),
      (
        "registry:",
        ["f:1:1: warning: there is no registry in it (a catalog has its servers under registry:)"]
      ),
      ("[]", ["f:1:1: error: a catalog must be a mapping, not a list"]),
      ("registry: []", ["f:1:11: error: registry must be a mapping, not a list"]),
    ] as [(String, [String])])
  func aCatalogNeedsItsForm(text: String, expected: [String]) {
    #expect(decode(text).problems.map(\.description) == expected)
  }

  @Test(arguments: ["a b", "a:b", "-a", "\"\\e[2J\""])
  func aServerNeedsADecentName(name: String) {
    let (catalog, _) = decode("registry:\n  \(name): {image: x}\n")
    #expect(catalog.servers == [])
    let text = catalog.unusable.first?.problems.first?.description ?? ""
    #expect(text.hasPrefix("f:2:3: error: `") && text.contains("cannot be the name of a server"))
    #expect(!text.unicodeScalars.contains("\u{1B}"))
  }

  @Test func theOldFormOfRemoteWins() {
    let (catalog, problems) = decode(
      """
      registry:
        a: {sseEndpoint: https://old/sse, remote: {url: https://new/, transport_type: http}}
      """)
    #expect(problems == [])
    #expect(
      catalog.servers.first?.kind
        == .remote(RemoteServer(url: "https://old/sse", transport: .sse, headers: [])))
  }

  @Test func shownFieldsAreKeptAsTheyAre() throws {
    let (catalog, problems) = decode(
      """
      registry:
        a:
          image: x
          type: server
          icon: https://a/i.png
          metadata: {pulls: 12, tags: [a]}
          oauth: {providers: [{provider: p, secret: s, env: E}]}
      """)
    #expect(problems == [])
    let server = try #require(catalog.servers.first)
    #expect(server.details.map(\.name) == ["type", "icon", "metadata"])
    #expect(server.details.last?.value.description == #"{"pulls":12,"tags":["a"]}"#)
    #expect(server.oauth?["providers"]?.elements.count == 1)
  }
}
