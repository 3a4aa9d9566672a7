import Catalog
import Foundation
import Testing
import Wire

@testable import OperatorFiles

struct SecretStoreTests {
  let folder: Folder
  init() throws { folder = try Folder() }

  private var files: FileSecretStore { FileSecretStore(folder: folder.at("mcp/secrets")) }

  @Test func filesKeepWhatTheyAreGiven() async throws {
    let name = try SecretName("notes.api_key")
    try await files.set(name, to: Secret("a=b\nc \n"))
    #expect(try await files.value(of: "notes.api_key")?.exposed == "a=b\nc \n")
    #expect(try await files.names() == [name])
    #expect(try folder.mode("mcp/secrets") == 0o700)
    #expect(try folder.mode("mcp/secrets/notes.api_key") == 0o600)
    #expect(try await files.remove(name))
    #expect(try await files.remove(name) == false)
    #expect(try await files.value(of: "notes.api_key") == nil)
  }

  @Test(arguments: ["mcp/secrets", "mcp/secrets/k"], [0o740, 0o704, 0o755])
  func whatOthersCanReadIsNotUsed(_ place: String, _ mode: Int) async throws {
    try await files.set(SecretName("k"), to: Secret("v"))
    try FileManager.default.setAttributes(
      [.posixPermissions: mode], ofItemAtPath: folder.at(place))
    let problem = await #expect(throws: Problem.self) { try await files.value(of: "k") }
    #expect(problem?.hint?.contains("chmod") == true)
  }

  @Test(arguments: ["", ".", "..", "../x", "a/b", "-x", ".x", "a b", "a\n", "ä"])
  func namesThatLeadElsewhereAreRefused(_ name: String) async throws {
    #expect(throws: Problem.self) { try SecretName(name) }
    #expect(try await files.value(of: name) == nil)
  }

  @Test(arguments: ["", String(repeating: "x", count: 70_000)])
  func emptyAndHugeValuesAreRefused(_ value: String) async {
    await #expect(throws: Problem.self) {
      try await files.set(SecretName("k"), to: Secret(value))
    }
  }

  /// A helper that keeps each login in a file named for the last part of its URL.
  private static let helper = """
    #!/bin/sh
    cd "$(dirname "$0")/kept" || exit 1
    case "$1" in
    store) read -r line; url=$(echo "$line" | sed 's/.*"ServerURL":"\\([^"]*\\)".*/\\1/')
      echo "$line" > "${url##*/}" ;;
    get) read -r url || true; cat "${url##*/}" || { echo "credentials not found"; exit 1; } ;;
    erase) read -r url || true; rm "${url##*/}" ;;
    list) printf '{"https://index.docker.io/v1/":"me"'
      for f in *; do [ -e "$f" ] && printf ',"https://mcp-gateway.local/secret/%s":"secret"' "$f"; done
      echo '}' ;;
    esac
    """

  private func helperStore(_ script: String = helper) throws -> any SecretStore {
    try folder.write("bin/docker-credential-test", script, mode: 0o755)
    try FileManager.default.createDirectory(
      atPath: folder.at("bin/kept"), withIntermediateDirectories: true)
    try folder.write("docker/config.json", #"{"credsStore": "test"}"#)
    return SecretStores.store(
      dockerConfigFolder: folder.at("docker"), mcpFolder: folder.at("mcp"),
      searchPath: "relative:\(folder.at("bin"))")
  }

  @Test func theCredentialHelperIsUsedWhereItIsSetUp() async throws {
    let store = try helperStore()
    #expect(store.title == "docker-credential-test")
    let name = try SecretName("notes.key")
    try await store.set(name, to: Secret("s3cr3t \"x\""))
    #expect(try await store.names() == [name])
    #expect(try await store.value(of: "notes.key")?.exposed == "s3cr3t \"x\"")
    #expect(try await store.value(of: "none") == nil)
    #expect(try await store.remove(name))
    #expect(try await store.remove(name) == false)
    #expect(folder.read("mcp/secrets/notes.key") == nil)
  }

  @Test(arguments: [
    "#!/bin/sh\nexit 1\n", "#!/bin/sh\necho 's3cr3t'; exit 1\n", "#!/bin/sh\necho 's3cr3t'\n",
    "#!/bin/sh\nyes s3cr3t\n", "#!/nonexistent\n", "#!/bin/sh\nkill -9 $$\n",
  ])
  func aHelperThatFailsIsAProblemWithoutItsWords(_ script: String) async throws {
    let store = try helperStore(script)
    let problem = await #expect(throws: Problem.self) { _ = try await store.names() }
    #expect(problem?.description.contains("s3cr3t") == false)
  }

  /// With a background child that keeps nothing of ours open.
  @Test func aHelperThatClosesItsOutputAndStaysIsEnded() async throws {
    let store = try helperStore("#!/bin/sh\nexec >&-; exec <&-; exec sleep 1000\n")
    let helper = CredentialHelper(program: folder.at("bin/docker-credential-test"))
    let child = ChildProcess(program: helper.program, arguments: ["list"])
    #expect(throws: Problem.self) { try child.run(input: [], patience: .seconds(2)) }
    _ = store
  }

  @Test func aHelperGetsNeitherOurErrorOutputNorOurVariables() throws {
    setenv("MCP_GATEWAY_TEST_TOKEN", "t0ken", 1)
    defer { unsetenv("MCP_GATEWAY_TEST_TOKEN") }
    let shell = ChildProcess(
      program: "/bin/sh", arguments: ["-c", "readlink /proc/self/fd/2; env; cat"])
    let output = try shell.run(input: Array("in".utf8), patience: .seconds(30))
    let text = String(decoding: output.bytes, as: UTF8.self)
    #expect(output.status == 0)
    #expect(text.hasPrefix("/dev/null\n") && text.hasSuffix("in") && text.contains("PATH="))
    #expect(!text.contains("t0ken"))
  }

  @Test(arguments: ["{}", #"{"credsStore": "absent"}"#, #"{"credsStore": "../bin/x"}"#, "{", "[]"])
  func withoutAHelperFilesAreUsed(_ config: String) throws {
    try folder.write("docker/config.json", config)
    let store = SecretStores.store(
      dockerConfigFolder: folder.at("docker"), mcpFolder: folder.at("mcp"),
      searchPath: "/nonexistent")
    #expect(store is FileSecretStore)
  }
}
