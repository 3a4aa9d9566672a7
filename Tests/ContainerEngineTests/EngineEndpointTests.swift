import Foundation
import Testing

@testable import ContainerEngine

struct EngineEndpointTests {
  @Test(
    arguments: [
      ("unix:///var/run/docker.sock", .unix(path: "/var/run/docker.sock")),
      ("tcp://127.0.0.1:2375", .tcp(host: "127.0.0.1", port: 2375)),
      ("tcp://engine", .tcp(host: "engine", port: 2375)),
      ("tcp://[::1]:99/", .tcp(host: "::1", port: 99)),
      ("tcp://:2376", .tcp(host: "localhost", port: 2376)),
      ("http://h:1", .tcp(host: "h", port: 1)),
    ] as [(String, EngineEndpoint)])
  func addressesAreRead(_ text: String, _ endpoint: EngineEndpoint) throws {
    #expect(try EngineEndpoint(text) == endpoint)
  }

  @Test(arguments: [
    ("", "scheme"), ("/var/run/docker.sock", "scheme"), ("unix://relative", "must start with /"),
    ("unix://", "must start with /"), ("unix:///" + String(repeating: "a", count: 107), "107"),
    ("ssh://host", "forward the socket"), ("npipe:////./pipe/docker", "Windows"),
    ("https://host:2376", "TLS"), ("fd://", "unknown scheme"), ("tcp://h:0", "port"),
    ("tcp://h:65536", "port"), ("tcp://h:", "port"), ("tcp://h:1x", "port"),
    ("tcp://user@h:1", "host name"), ("tcp://h/path", "host name"), ("tcp://[::1]x:1", "port"),
  ])
  func othersAreRefusedWithTheReason(_ text: String, _ reason: String) {
    let problem = #expect(throws: EngineEndpointProblem.self) { try EngineEndpoint(text) }
    #expect(problem?.message.contains(reason) == true, "\(problem as Any)")
  }

  private func withFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "engine-\(UUID())")
    defer { try? FileManager.default.removeItem(at: root) }
    for (path, text) in files {
      let file = root.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    try body(root.path)
  }

  private let contexts = [
    "config.json": #"{"currentContext":"second","auths":{}}"#,
    "contexts/meta/aa/meta.json": #"{"Name":"first","Endpoints":{"docker":{"Host":"tcp://a:1"}}}"#,
    "contexts/meta/bb/meta.json":
      #"{"Name":"second","Metadata":{},"Endpoints":{"docker":{"Host":"unix:///b.sock","SkipTLSVerify":false}}}"#,
    "contexts/meta/cc/meta.json": #"{"Name":"far","Endpoints":{"docker":{"Host":"ssh://far"}}}"#,
    "contexts/meta/dd/meta.json": #"{"Name":"kube","Endpoints":{"kubernetes":{}}}"#,
  ]

  private func resolve(
    _ folder: String, host: String? = nil, context: String? = nil, tlsVerify: Bool = false
  ) throws -> EngineEndpoint {
    try .resolve(host: host, context: context, configurationFolder: folder, tlsVerify: tlsVerify)
  }

  @Test func addressThenContextThenCurrentContextThenStandard() throws {
    try withFolder(contexts) { (folder) throws in
      #expect(try resolve(folder, host: "tcp://x:1", context: "first") == .tcp(host: "x", port: 1))
      #expect(try resolve(folder, host: "", context: "first") == .tcp(host: "a", port: 1))
      #expect(try resolve(folder, context: "") == .unix(path: "/b.sock"))
      #expect(try resolve(folder, context: "default") == .standard)
    }
    #expect(try resolve("/no/such/folder") == .standard)
  }

  @Test func aContextThatCannotBeUsedIsAnErrorAndNotTheStandard() throws {
    try withFolder(contexts) { (folder) throws in
      for (context, words) in [("none", "no such context"), ("far", "ssh"), ("kube", "no address")]
      {
        let problem = #expect(throws: EngineEndpointProblem.self) {
          try resolve(folder, context: context)
        }
        #expect(problem?.description.contains(words) == true)
      }
    }
  }

  @Test func tlsThatIsAskedForIsNotLeftOut() throws {
    #expect(throws: EngineEndpointProblem.self) {
      try resolve("/none", host: "tcp://h:2376", tlsVerify: true)
    }
    #expect(try resolve("/none", tlsVerify: true) == .standard)
  }

  @Test(arguments: ["{", "[]", "\u{0}", #"{"a":1,"a":2}"#])
  func aBrokenConfigurationIsAnError(_ text: String) throws {
    try withFolder(["config.json": text]) { (folder) throws in
      let problem = #expect(throws: EngineEndpointProblem.self) { try resolve(folder) }
      #expect(problem?.source.hasSuffix("config.json") == true)
    }
  }
}
