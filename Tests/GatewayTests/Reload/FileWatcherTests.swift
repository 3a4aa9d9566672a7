import Foundation
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(1)))
struct FileWatcherTests {
  /// A folder that is gone after the test, and what is heard of some files in it.
  private final class Probe: Sendable {
    let folder = FileManager.default.temporaryDirectory.path + "/watch-\(UUID().uuidString)"
    let changes = Counter()
    private let reader: Task<Void, Never>
    let ended = Counter()

    init(_ files: [String], _ prepare: (String) throws -> Void = { _ in }) async throws {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      try prepare(folder)
      let stream = FileWatcher(files: files.map { [folder] in folder + "/" + $0 }).changes()
      reader = Task { [changes, ended] in
        for await _ in stream { changes.add() }
        ended.add()
      }
      // The watch begins on a thread of its own.
      try await Task.sleep(for: .milliseconds(300))
    }

    func stop() async -> Bool {
      reader.cancel()
      return await eventually { self.ended.value == 1 }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
  }

  private static func write(_ text: String, _ path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  @Test func writingAndReplacingAreSeenOnceEach() async throws {
    let probe = try await Probe(["f"]) { try Self.write("1", $0 + "/f") }
    try Self.write("22", probe.folder + "/f")
    try Self.write("333", probe.folder + "/f")
    #expect(await eventually { probe.changes.value == 1 })
    try Self.write("4", probe.folder + "/new")
    #expect(unsafe rename(probe.folder + "/new", probe.folder + "/f") == 0)
    #expect(await eventually { probe.changes.value == 2 })
    #expect(await probe.stop())
  }

  @Test func aNeighbourIsNobodysBusiness() async throws {
    let probe = try await Probe(["f"]) { try Self.write("1", $0 + "/f") }
    try Self.write("x", probe.folder + "/neighbour")
    try await Task.sleep(for: .milliseconds(800))
    #expect(probe.changes.value == 0)
    #expect(await probe.stop())
  }

  @Test func aFileInAFolderThatDoesNotExistYetIsAwaited() async throws {
    let probe = try await Probe(["a/b/f"])
    try FileManager.default.createDirectory(
      atPath: probe.folder + "/a/b", withIntermediateDirectories: true)
    try await Task.sleep(for: .milliseconds(600))
    try Self.write("1", probe.folder + "/a/b/f")
    #expect(await eventually { probe.changes.value == 1 })
    try FileManager.default.removeItem(atPath: probe.folder + "/a")
    #expect(await eventually { probe.changes.value == 2 })
    #expect(await probe.stop())
  }

  @Test func aConfigMapsSwapIsSeen() async throws {
    let probe = try await Probe(["f"]) { folder in
      for (version, text) in [("v1", "1"), ("v2", "2")] {
        try FileManager.default.createDirectory(
          atPath: folder + "/" + version, withIntermediateDirectories: true)
        try Self.write(text, folder + "/\(version)/f")
      }
      #expect(symlink("v1", folder + "/..data") == 0)
      #expect(symlink("..data/f", folder + "/f") == 0)
    }
    #expect(symlink("v2", probe.folder + "/..tmp") == 0)
    #expect(unsafe rename(probe.folder + "/..tmp", probe.folder + "/..data") == 0)
    #expect(await eventually { probe.changes.value == 1 })
    #expect(await probe.stop())
  }

  @Test func aBusyNeighbourDoesNotHideAChange() async throws {
    let probe = try await Probe(["f"]) { try Self.write("1", $0 + "/f") }
    let busy = Task {
      while !Task.isCancelled {
        try? Self.write("x", probe.folder + "/log")
        try? await Task.sleep(for: .milliseconds(50))
      }
    }
    try Self.write("22", probe.folder + "/f")
    #expect(await eventually(within: .seconds(6)) { probe.changes.value == 1 })
    busy.cancel()
    #expect(await probe.stop())
  }
}
