import Foundation

/// Debian's `docker-registry` on a loopback port, which the engine uses without TLS.
final class LocalRegistry {
  let address: String
  private let process = Process()
  private let folder: URL

  init() async throws {
    let port = Int.random(in: 20_000..<30_000)
    address = "127.0.0.1:\(port)"
    folder = FileManager.default.temporaryDirectory.appending(path: "registry-\(port)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let config = folder.appending(path: "config.yml")
    let text = """
      version: 0.1
      log: {level: error}
      storage: {filesystem: {rootdirectory: \(folder.path)}}
      http: {addr: \(address)}
      """
    try Data(text.utf8).write(to: config)
    process.executableURL = URL(fileURLWithPath: "/usr/bin/docker-registry")
    process.arguments = ["serve", config.path]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    try await Task.sleep(for: .seconds(1))
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }
}
