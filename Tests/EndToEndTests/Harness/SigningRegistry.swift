import Foundation
import Testing

/// A registry on loopback, signers with real keys, and signatures as skopeo makes them. All of it is
/// inside of the sandbox's folder.
final class SigningRegistry {
  let address: String
  private let sandbox: Sandbox
  private let process: ChildProcess
  /// What the engine was made to know.
  private var names: [String] = []

  static let source = "mcp-gateway-test/servers:1"

  init(_ sandbox: Sandbox) async throws {
    self.sandbox = sandbox
    let port = Int.random(in: 30_000..<40_000)
    address = "127.0.0.1:\(port)"
    let config = try sandbox.write(
      "registry.yml",
      """
      version: 0.1
      log: {level: error}
      storage: {filesystem: {rootdirectory: \(sandbox.path("registry"))}, delete: {enabled: true}}
      http: {addr: \(address)}
      """)
    process = try sandbox.start([try await Machine.registryProgram(), "serve", config])
    try sandbox.write(
      "registries.d/default.yaml",
      """
      default-docker:
        lookaside: file://\(sandbox.path("signatures"))
        lookaside-staging: file://\(sandbox.path("signatures"))
      """)
    try FileManager.default.createDirectory(
      atPath: sandbox.path("signers"), withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    let probe = ["curl", "--silent", "--fail", "http://\(address)/v2/"]
    try await eventually("the registry") { (try? await Machine.output(of: probe)) != nil }
  }

  // MARK: Signers

  /// Makes a key and writes its public part to KEY.gpg.
  func addSigner(_ name: String) async throws {
    try await gpg(
      "--passphrase", "", "--quick-generate-key", "\(name) <\(name)@test>", "ed25519", "sign")
    try await gpg("--output", sandbox.path("\(name).gpg"), "--export", "\(name)@test")
  }

  /// Revokes a key and writes its public part again.
  func revoke(_ name: String) async throws {
    let print = try await gpg("--with-colons", "--fingerprint", "\(name)@test")
    let line = try #require(print.split(separator: "\n").first { $0.hasPrefix("fpr:") })
    let fingerprint = line.split(separator: ":").last.map(String.init) ?? ""
    let path = sandbox.path("signers/openpgp-revocs.d/\(fingerprint).rev")
    let text = try String(contentsOfFile: path, encoding: .utf8).replacing(":-----", with: "-----")
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    try await gpg("--import", path)
    try await gpg("--yes", "--output", sandbox.path("\(name).gpg"), "--export", "\(name)@test")
  }

  @discardableResult
  private func gpg(_ arguments: String...) async throws -> String {
    try await Machine.output(
      of: ["gpg", "--homedir", sandbox.path("signers"), "--batch", "--quiet"] + arguments)
  }

  // MARK: Images

  /// Pushes an image under a name of this registry, signed or not. Gives its digest.
  @discardableResult
  func push(_ image: String = source, as name: String, by signer: String? = nil) async throws
    -> String
  {
    let target = "\(address)/\(name)"
    var command = [
      "env", "GNUPGHOME=\(sandbox.path("signers"))", "skopeo", "--insecure-policy",
      "--registries.d", sandbox.path("registries.d"), "copy", "--quiet", "--dest-tls-verify=false",
      "--digestfile", sandbox.path("digest"),
    ]
    if let signer { command += ["--sign-by", "\(signer)@test"] }
    _ = try await Machine.output(
      of: command + ["docker-daemon:\(image)", "docker://\(target)"], within: .seconds(120))
    return try String(contentsOfFile: sandbox.path("digest"), encoding: .utf8)
  }

  func reference(_ name: String) -> String { "\(address)/\(name)" }

  /// The folder of an image's signatures.
  func signatures(of name: String, _ digest: String) -> String {
    sandbox.path("signatures/\(name)@sha256=\(digest.dropFirst(7))")
  }

  /// Trusts these signers for all of this registry, and nobody for anything else.
  func trust(_ signers: String...) throws {
    let paths = signers.map { "\"\(sandbox.path("\($0).gpg"))\"" }.joined(separator: ",")
    try sandbox.write(
      "policy.json",
      #"{"default":[{"type":"reject"}],"transports":{"docker":{"\#(address)":[{"type":"signedBy","keyType":"GPGKeys","keyPaths":[\#(paths)]}]}}}"#
    )
  }

  /// The flags that make a gateway look here.
  var flags: [String] {
    [
      "--verify-signatures", "--signature-policy", sandbox.path("policy.json"), "--registries-d",
      sandbox.path("registries.d"),
    ]
  }

  func verify(_ names: String...) async throws -> Finished {
    let child = try sandbox.gateway(
      [
        "verify", "--policy", sandbox.path("policy.json"), "--registries-d",
        sandbox.path("registries.d"),
      ] + names.map { $0.contains("/") ? $0 : reference($0) })
    child.closeInput()
    return Finished(
      exit: try await child.wait(within: .seconds(60)), output: child.output, errors: child.errors)
  }

  /// Removes what the engine has of this registry, and ends the signers' agent.
  func close() async throws {
    let known = try await Machine.docker(
      "images", "--all", "--digests", "--format",
      "{{.Repository}}@{{.Digest}} {{.Repository}}:{{.Tag}}")
    for line in known.split(separator: "\n") where line.hasPrefix(address) {
      for name in line.split(separator: " ") where !name.contains("<none>") {
        _ = try await Machine.docker("rmi", "--force", String(name))
      }
    }
    _ = try await Machine.output(
      of: ["gpgconf", "--homedir", sandbox.path("signers"), "--kill", "all"])
    process.send(SIGTERM)
  }
}

/// Runs a test with a registry and signers of its own.
func withSigningRegistry(_ body: (Sandbox, SigningRegistry) async throws -> Void) async throws {
  try await withSandbox { sandbox in
    let registry = try await SigningRegistry(sandbox)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(sandbox, registry)) } catch { outcome = .failure(error) }
    try await registry.close()
    try outcome.get()
  }
}
