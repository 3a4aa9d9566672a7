import Foundation
import Testing
import Wire

@testable import Gateway

/// Which files are a policy, and when they are somebody else's word.
struct PolicyFilesTests {
  /// A folder that is gone when the test is over.
  private final class Folder {
    let path: String

    init() throws {
      let url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
        .appendingPathComponent("policy-tests-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, hooks: [String], mode: Int = 0o644) throws {
      let lines = hooks.map { "  - {name: \($0), when: before, exec: x}" }
      try write(name, (["version: 1", "hooks:"] + lines).joined(separator: "\n"), mode: mode)
    }

    func write(_ name: String, _ text: String, mode: Int = 0o644) throws {
      let file = URL(filePath: path).appending(path: name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
    }

    func read(_ paths: String...) -> PolicyFiles { PolicyFiles(paths, from: path) }
  }

  @Test func filesComeInTheOrderOfTheCommandLineAndThoseOfAFolderByName() throws {
    let folder = try Folder()
    try folder.write("last.yaml", hooks: ["e"])
    try folder.write("d/20.yaml", hooks: ["c", "b"])
    try folder.write("d/10.yml", hooks: ["d"])
    try folder.write("d/.hidden.yaml", hooks: ["x"])
    try folder.write("d/notes.txt", hooks: ["y"])
    let files = folder.read("d/", "last.yaml", folder.path + "/d/10.yml")
    #expect(files.problems == [])
    #expect(files.set.hooks.map(\.name) == ["d", "c", "b", "e"])
  }

  @Test func whatIsMissingOrEmptyIsAnError() throws {
    let folder = try Folder()
    try folder.write("empty/notes.txt", "x")
    let files = folder.read("none.yaml", "empty")
    #expect(
      files.problems.map(\.description) == [
        "\(folder.path)/empty: error: the folder holds no policy file (name files NAME.yaml, or "
          + "leave --policy out)",
        "\(folder.path)/none.yaml: error: there is no such policy file (--policy takes a path, "
          + "relative to the working folder)",
      ])
  }

  @Test(arguments: [0o664, 0o646, 0o666, 0o777])
  func aFileThatOthersCanWriteIsNotRead(mode: Int) throws {
    let folder = try Folder()
    try folder.write("p.yaml", hooks: ["a"], mode: mode)
    let files = folder.read("p.yaml")
    #expect(files.set.hooks == [])
    #expect(files.problems.map(\.message) == ["can be written by others, so it is not used"])
  }

  @Test func aFolderThatOthersCanFillIsNotRead() throws {
    let folder = try Folder()
    try folder.write("d/p.yaml", hooks: ["a"])
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o777], ofItemAtPath: folder.path + "/d")
    let files = folder.read("d")
    #expect(files.set.hooks == [])
    #expect(files.problems.hasErrors)
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
  func aFileOfAnotherUserIsNotRead() throws {
    let folder = try Folder()
    try folder.write("p.yaml", hooks: ["a"])
    #expect(chown(folder.path + "/p.yaml", 65_534, 65_534) == 0)
    #expect(folder.read("p.yaml").problems.hasErrors)
  }

  @Test func everyChangeOfWhatWouldBeReadShows() throws {
    let folder = try Folder()
    try folder.write("d/a.yaml", hooks: ["a"])
    let files = folder.read("d", "late.yaml")
    #expect(!files.watched.contains { $0.hasChanged })
    try folder.write("d/b.yaml", hooks: ["b"])
    #expect(files.watched.contains { $0.hasChanged })
    let again = folder.read("d", "late.yaml")
    try folder.write("late.yaml", hooks: ["c"])
    #expect(again.watched.contains { $0.hasChanged })
  }
}
