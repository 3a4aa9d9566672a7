import Catalog
import Foundation
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(1)))
struct FileWatcherTests {
  /// A folder that is gone after the test, with some files in it that were "read" when it was made.
  private final class Probe: Sendable {
    let folder = FileManager.default.temporaryDirectory.path + "/watch-\(UUID().uuidString)"
    let files: [WatchedFile]

    init(_ files: [String], _ prepare: (String) throws -> Void = { _ in }) throws {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      try prepare(folder)
      self.files = files.map { [folder] in WatchedFile(folder + "/" + $0) }
    }

    /// Begins to wait for the next change of the files as they are now.
    func watch() -> Task<FileWatcher.Outcome, Never> {
      let now = files.map { WatchedFile($0.path) }
      return Task { await FileWatcher(now).change() }
    }

    func write(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
  }

  @Test func writingAndReplacingAreSeen() async throws {
    let probe = try Probe(["f"])
    var watching = probe.watch()
    try probe.write("1", "f")
    #expect(await watching.value == .changed)
    watching = probe.watch()
    try probe.write("22", "f")
    #expect(await watching.value == .changed)
    try probe.write("4", "new")
    watching = probe.watch()
    #expect(rename(probe.folder + "/new", probe.folder + "/f") == 0)
    #expect(await watching.value == .changed)
  }

  /// Between the reading of a file and the watch there is time for a change.
  @Test func aChangeBeforeTheWatchIsSeen() async throws {
    let probe = try Probe(["f"]) { try Data("1".utf8).write(to: URL(fileURLWithPath: $0 + "/f")) }
    try probe.write("22", "f")
    #expect(await FileWatcher(probe.files).change() == .changed)
  }

  @Test func aFileThatAppearsBeforeTheWatchIsSeen() async throws {
    let probe = try Probe(["a/f"])
    try FileManager.default.createDirectory(
      atPath: probe.folder + "/a", withIntermediateDirectories: true)
    try probe.write("1", "a/f")
    #expect(await FileWatcher(probe.files).change() == .changed)
  }

  @Test func aNeighbourIsNobodysBusiness() async throws {
    let probe = try Probe(["f"])
    let watching = probe.watch()
    try probe.write("x", "neighbour")
    try await Task.sleep(for: .milliseconds(800))
    watching.cancel()
    #expect(await watching.value == .stopped)
  }

  @Test func aFileInAFolderThatDoesNotExistYetIsAwaited() async throws {
    let probe = try Probe(["a/b/f"])
    var watching = probe.watch()
    try FileManager.default.createDirectory(
      atPath: probe.folder + "/a/b", withIntermediateDirectories: true)
    try await Task.sleep(for: .milliseconds(600))
    try probe.write("1", "a/b/f")
    #expect(await watching.value == .changed)
    watching = probe.watch()
    try FileManager.default.removeItem(atPath: probe.folder + "/a")
    #expect(await watching.value == .changed)
  }

  @Test func aConfigMapsSwapIsSeen() async throws {
    let probe = try Probe(["f"]) { folder in
      for (version, text) in [("v1", "1"), ("v2", "2")] {
        try FileManager.default.createDirectory(
          atPath: folder + "/" + version, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/\(version)/f"))
      }
      #expect(symlink("v1", folder + "/..data") == 0)
      #expect(symlink("..data/f", folder + "/f") == 0)
    }
    let watching = probe.watch()
    #expect(symlink("v2", probe.folder + "/..tmp") == 0)
    #expect(rename(probe.folder + "/..tmp", probe.folder + "/..data") == 0)
    #expect(await watching.value == .changed)
  }

  @Test func aBusyNeighbourDoesNotHideAChange() async throws {
    let probe = try Probe(["f"])
    let busy = Task {
      while !Task.isCancelled {
        try? probe.write("x", "log")
        try? await Task.sleep(for: .milliseconds(50))
      }
    }
    let watching = probe.watch()
    try probe.write("22", "f")
    #expect(await watching.value == .changed)
    busy.cancel()
  }

  @Test func oneThatWasCancelledBeforeItBeganStops() async throws {
    let probe = try Probe(["f"])
    let watching = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await FileWatcher(probe.files).change()
    }
    #expect(await watching.value == .stopped)
  }
}
