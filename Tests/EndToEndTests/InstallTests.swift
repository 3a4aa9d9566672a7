import Foundation
import Testing

/// Where `make install` puts things, tried in a folder that stands for the root of a machine.
@Suite struct InstallTests {
  @Test(arguments: [
    ["USER_ID=1000", "HOME=/home/me"], ["USER_ID=0", "HOME=/root"],
    ["USER_ID=0", "HOME=/root", "SUDO_USER=me"],
    ["USER_ID=0", "HOME=/root", "DOCKER_CONFIG=/srv/docker"],
    ["USER_ID=1000", "HOME=/home/me", "PREFIX=/home/me/.local"],
  ])
  func theProgramAndThePluginAreWhereTheyAreLookedFor(_ variables: [String]) async throws {
    try await withInstallFolder { folder in
      try "program".write(
        toFile: folder + "/.build/release/gateway", atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: folder + "/.build/release/gateway")
      _ = try await Machine.output(
        of: Self.make(in: folder) + ["DESTDIR=\(folder)/root"] + variables)
      let prefix = variables.contains("PREFIX=/home/me/.local") ? "/home/me/.local" : "/usr/local"
      let plugins =
        variables.contains("DOCKER_CONFIG=/srv/docker")
        ? "/srv/docker/cli-plugins"
        : variables.contains("USER_ID=0")
          ? "/usr/local/lib/docker/cli-plugins" : "/home/me/.docker/cli-plugins"
      let files = FileManager.default
      #expect(
        try files.destinationOfSymbolicLink(atPath: "\(folder)/root\(plugins)/docker-mcp")
          == prefix + "/bin/gateway")
      #expect(files.isExecutableFile(atPath: "\(folder)/root\(prefix)/bin/gateway"))
      #expect(!files.fileExists(atPath: folder + "/root/root"))
    }
  }

  @Test func throughSudoNothingIsBuilt() async throws {
    try await withInstallFolder { folder in
      let failure = await #expect(throws: Machine.NotReady.self) {
        _ = try await Machine.output(
          of: Self.make(in: folder) + ["DESTDIR=\(folder)/root", "USER_ID=0", "SUDO_USER=me"])
      }
      #expect(failure?.description.contains("make build") == true)
    }
  }

  /// The `build` that comes before is taken for done: this is about where things go.
  private static func make(in folder: String) -> [String] {
    ["make", "-C", folder, "-f", Machine.project + "/Makefile", "-o", "build", "install"]
  }

  private func withInstallFolder(_ body: (String) async throws -> Void) async throws {
    let folder = NSTemporaryDirectory() + "/install-\(UUID().uuidString)"
    for name in ["scripts", ".ci", ".build/release"] {
      try FileManager.default.createDirectory(
        atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
    }
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }
}
