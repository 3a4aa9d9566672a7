import Foundation
import Testing

/// Nothing starts that is not proven: real signatures by gpg and skopeo, a real registry and engine.
@Suite struct SignatureTests {
  @Test func theSignedServerServesAndTheUnsignedIsNeverCreated() async throws {
    try await withSigningRegistry { sandbox, registry in
      try await registry.addSigner("alice")
      try await registry.push(as: "signed:v1", by: "alice")
      try await registry.push(as: "unsigned:v1")
      try registry.trust("alice")
      var (good, bad) = (
        ServerEntry.plain(sandbox.name("good"), tools: 2),
        ServerEntry.plain(sandbox.name("bad"), tools: 3)
      )
      good.fields["image"] = .string(registry.reference("signed:v1"))
      bad.fields["image"] = .string(registry.reference("unsigned:v1"))
      try sandbox.serve(good, bad)

      let child = try sandbox.gateway(["run"] + registry.flags)
      let session = RawSession(child)
      try await session.initialize()
      _ = try await session.waitForTools("tool1") { Set($0) == ["tool1", "tool2"] }
      try await eventually("the reason") { child.errors.contains("reason=unsigned") }
      #expect(child.errors.contains("transports.docker[\"\(registry.address)\"]"))
      #expect(try await session.call("tool2").resultText.contains("tool2"))
      #expect(try await Machine.containers(serving: bad.name).isEmpty)

      let dry = try sandbox.gateway(["run", "--dry-run"] + registry.flags)
      dry.closeInput()
      #expect(try await dry.wait(within: .seconds(60)) == .status(3), "\(dry.errors)")
      #expect(dry.errors.contains("- \(good.name): 2 of 2 tools"))
    }
  }

  @Test func everyVerdictHasItsReason() async throws {
    try await withSigningRegistry { sandbox, registry in
      try await registry.addSigner("alice")
      try await registry.addSigner("mallory")
      try registry.trust("alice")
      let digest = try await registry.push(as: "signed:v1", by: "alice")
      try await registry.push(as: "foreign:v1", by: "mallory")
      try await registry.push(as: "unsigned:v1")
      try await registry.push(as: "renamed:v1")
      let files = FileManager.default
      // The right signature beside the wrong image's name.
      try files.copyItem(
        atPath: registry.signatures(of: "signed", digest),
        toPath: registry.signatures(of: "renamed", digest))
      let altered = try await registry.push(as: "altered:v1", by: "alice")
      let path = registry.signatures(of: "altered", altered) + "/signature-1"
      var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
      bytes[bytes.count / 2] ^= 0x40
      try Data(bytes).write(to: URL(filePath: path))
      let cut = try await registry.push(as: "cut:v1", by: "alice")
      let half = registry.signatures(of: "cut", cut) + "/signature-1"
      try Data(bytes.prefix(100)).write(to: URL(filePath: half))

      for (name, reason) in [
        ("foreign:v1", "untrusted-key"), ("unsigned:v1", "unsigned"),
        ("renamed:v1", "identity-mismatch"), ("cut:v1", "malformed-signature"),
        ("signed:v2", "image-not-found"), ("elsewhere.test/a:1", "policy-reject"),
        ("signed:v1@sha256:\(String(repeating: "a", count: 64))", "image-not-found"),
      ] {
        let run = try await registry.verify(name)
        #expect(run.exit == .status(1), "\(name)")
        #expect(run.errors.hasSuffix("reason=\(reason)\n"), "\(run.errors)")
        #expect(run.output.contains(#""verdict":"rejected","reason":"\#(reason)"}"#))
      }
      let broken = try await registry.verify("altered:v1")
      #expect(broken.exit == .status(1) && broken.output.contains("rejected"))

      let good = try await registry.verify("signed:v1", "signed@\(digest)")
      #expect(good.exit == .status(0), "\(good.errors)")
      #expect(good.output.split(separator: "\n").count == 2)
      #expect(good.output.contains("\"digest\":\"\(digest)\"") && good.errors == "")

      try await registry.revoke("alice")
      let revoked = try await registry.verify("signed:v1")
      #expect(revoked.errors.hasSuffix("reason=key-revoked\n"), "\(revoked.errors)")
    }
  }

  @Test func skopeoJudgesTheSame() async throws {
    try await withSigningRegistry { sandbox, registry in
      try await registry.addSigner("alice")
      try await registry.addSigner("mallory")
      try registry.trust("alice")
      try await registry.push(as: "signed:v1", by: "alice")
      try await registry.push(as: "foreign:v1", by: "mallory")
      try await registry.push(as: "unsigned:v1")
      for (name, isAccepted) in [
        ("signed:v1", true), ("foreign:v1", false), ("unsigned:v1", false),
      ] {
        let run = try await registry.verify(name)
        #expect(run.exit == .status(isAccepted ? 0 : 1))
        let skopeo = try sandbox.start([
          "skopeo", "--policy", sandbox.path("policy.json"), "--registries.d",
          sandbox.path("registries.d"), "copy", "--quiet", "--src-tls-verify=false",
          "docker://\(registry.reference(name))", "dir:\(sandbox.path("copy-\(isAccepted)"))",
        ])
        skopeo.closeInput()
        #expect((try await skopeo.wait(within: .seconds(60)) == .status(0)) == isAccepted)
      }
    }
  }

  /// What runs is what was verified, whatever the names mean by now.
  @Test func movedTagsChangeNothing() async throws {
    try await withSigningRegistry { sandbox, registry in
      let name = sandbox.name("moving")
      let container = try await Machine.docker("create", SigningRegistry.source)
      let evil = "mcp-gateway-test/\(name):evil"
      _ = try await Machine.docker("commit", "--change", "ENV IMAGE_MOVED=1", container, evil)
      _ = try await Machine.docker("rm", container)
      try await registry.addSigner("alice")
      try registry.trust("alice")
      try await registry.push(as: "app:v1", by: "alice")
      // A local image under the name of the signed one: the engine's tags prove nothing.
      let tag = registry.reference("app:v1")
      _ = try await Machine.docker("tag", evil, tag)
      var entry = ServerEntry.everything(name)
      entry.fields["image"] = .string(tag)
      try sandbox.serve(entry)

      let child = try sandbox.gateway(["run", "--warm", "0"] + registry.flags)
      let session = RawSession(child)
      try await session.initialize()
      _ = try await session.waitForTools("environment") { $0.contains("environment") }
      #expect(try await !session.call("environment").resultText.contains("IMAGE_MOVED"))
      // The registry's tag moves to an unsigned image.
      try await registry.push(evil, as: "app:v1")
      #expect(try await !session.call("environment").resultText.contains("IMAGE_MOVED"))
      // Reading again asks again, and finds it unsigned.
      try sandbox.serve(entry)
      try await eventually("the reason") { child.errors.contains("reason=unsigned") }
      child.closeInput()
      _ = try await child.wait()
      _ = try await Machine.docker("rmi", "--force", evil, tag)
    }
  }

  @Test func imagesOnTheCommandLineAndContainerToolsAreVerifiedToo() async throws {
    try await withSigningRegistry { sandbox, registry in
      try await registry.addSigner("alice")
      try registry.trust("alice")
      try await registry.push("mcp-gateway-demo/busybox:1", as: "tool:v1")
      let tool = sandbox.name("say").replacing("-", with: "_")
      sandbox.watch(tool)
      let container: JSON = [
        "image": .string(registry.reference("tool:v1")), "command": ["echo", "hello"],
      ]
      try sandbox.serve(
        ServerEntry(
          name: sandbox.name("words"),
          fields: [
            "type": "poci",
            "tools": [["name": .string(tool), "description": "Says it.", "container": container]],
          ]))
      let child = try sandbox.gateway(["run"] + registry.flags)
      let session = RawSession(child)
      try await session.initialize()
      _ = try await session.waitForTools(tool) { $0 == [tool] }
      let failure = try await session.failure(of: tool, [:])
      #expect(failure?.contains("reason=unsigned") == true, "\(failure ?? "")")
      #expect(try await Machine.containers(serving: tool).isEmpty)

      let named = try sandbox.gateway(
        ["run", "--dry-run", "--servers", "docker.io/library/busybox:1"] + registry.flags)
      named.closeInput()
      #expect(try await named.wait(within: .seconds(60)) == .status(3), "\(named.errors)")
      #expect(named.errors.contains("reason=policy-reject"))
    }
  }

  @Test func nothingIsLeftOfAVerificationThatIsKilled() async throws {
    try await withSigningRegistry { sandbox, registry in
      try await registry.addSigner("alice")
      try registry.trust("alice")
      try await registry.push(as: "signed:v1", by: "alice")
      let temporary = sandbox.path("temporary")
      try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
      for delay in [0, 20, 60, 120] {
        let child = try sandbox.gateway(
          [
            "verify", "--policy", sandbox.path("policy.json"), "--registries-d",
            sandbox.path("registries.d"), registry.reference("signed:v1"),
          ], environment: ["TMPDIR": temporary])
        child.closeInput()
        try await Task.sleep(for: .milliseconds(delay))
        child.send(SIGTERM)
        _ = try await child.wait(within: .seconds(30))
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary) == [])
      }
    }
  }
}
