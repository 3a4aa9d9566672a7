import Foundation
import Testing
import Wire

@testable import OperatorFiles

struct OperatorFileTests {
  let folder: Folder
  init() throws { folder = try Folder() }

  private func file(_ name: String) -> OperatorFile { OperatorFile(folder.at(name)) }

  @Test func aNewFileAndItsFoldersAreForTheOwnerOnly() throws {
    try file("a/b/c.yaml").edit { _ in Array("x".utf8) }
    #expect(folder.read("a/b/c.yaml") == "x")
    #expect(try folder.mode("a/b/c.yaml") == 0o600)
    #expect(try folder.mode("a/b") == 0o700)
  }

  @Test func aSharedFileIsReadableForAll() throws {
    try OperatorFile(folder.at("p/c.json"), isShared: true).edit { _ in [1] }
    #expect(try folder.mode("p/c.json") == 0o644)
  }

  @Test(arguments: [0o600, 0o640, 0o644, 0o664, 0o400])
  func theModeIsKept(_ mode: Int) throws {
    try folder.write("f", "old", mode: mode)
    try file("f").edit { _ in Array("new".utf8) }
    #expect(folder.read("f") == "new")
    #expect(try folder.mode("f") == mode)
  }

  @Test func nothingIsLeftBeside() throws {
    try folder.write("f", "old")
    try file("f").edit { _ in Array("new".utf8) }
    #expect(try folder.names() == ["f"])
  }

  @Test func aFailingChangeTouchesNothing() throws {
    try folder.write("f", "old")
    let before = try FileManager.default.attributesOfItem(atPath: folder.at("f"))
    #expect(throws: Problem.self) {
      try file("f").edit { _ throws(Problem) in throw Problem(source: "f", "no") }
    }
    #expect(throws: Problem.self) {
      try file("new/f").edit { _ throws(Problem) in throw Problem(source: "f", "no") }
    }
    let after = try FileManager.default.attributesOfItem(atPath: folder.at("f"))
    #expect(before[.systemFileNumber] as? Int == after[.systemFileNumber] as? Int)
    #expect(try folder.names() == ["f"])
  }

  @Test func anEqualTextIsNotWritten() throws {
    try folder.write("f", "same")
    let before = try FileManager.default.attributesOfItem(atPath: folder.at("f"))
    #expect(try file("f").edit { $0 } == false)
    let after = try FileManager.default.attributesOfItem(atPath: folder.at("f"))
    #expect(before[.systemFileNumber] as? Int == after[.systemFileNumber] as? Int)
  }

  @Test func aReaderNeverSeesHalfOfAFile() throws {
    try folder.write("f", "old")
    let open = try FileHandle(forReadingFrom: URL(filePath: folder.at("f")))
    try file("f").edit { _ in Array("a longer new text".utf8) }
    #expect(try open.readToEnd() == Data("old".utf8))
  }

  @Test func linksAreFollowedAndStay() throws {
    try folder.write("real/f", "old")
    try FileManager.default.createDirectory(
      atPath: folder.at("l"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: folder.at("l/f"), withDestinationPath: "../real/f")
    try FileManager.default.createSymbolicLink(
      atPath: folder.at("second"), withDestinationPath: folder.at("l/f"))
    try file("second").edit { _ in Array("new".utf8) }
    #expect(folder.read("real/f") == "new")
    #expect(FilePath.target(of: folder.at("second")) == folder.at("l/f"))
    #expect(try folder.names("l") == ["f"])
  }

  @Test func aLinkToNothingGetsItsFile() throws {
    try FileManager.default.createSymbolicLink(
      atPath: folder.at("f"), withDestinationPath: folder.at("later"))
    try file("f").edit { _ in [0x78] }
    #expect(folder.read("later") == "x")
  }

  @Test func whatIsNoFileIsRefused() throws {
    try FileManager.default.createDirectory(
      atPath: folder.at("d"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: folder.at("loop"), withDestinationPath: folder.at("loop"))
    mkfifo(folder.at("pipe"), 0o600)
    for name in ["d", "loop", "pipe"] {
      #expect(throws: Problem.self, "\(name)") { try file(name).edit { _ in [1] } }
    }
    #expect(throws: Problem.self) { try OperatorFile("/a\0b").read() }
  }

  @Test func editsAtTheSameTimeAllCount() async throws {
    try folder.write("f", "")
    let file = file("f")
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<20 {
        group.addTask { _ = try? file.edit { ($0 ?? []) + [0x78] } }
      }
    }
    #expect(folder.read("f") == String(repeating: "x", count: 20))
  }

  @Test func aMissingFileIsNoFile() throws {
    #expect(try file("none").read() == nil)
    #expect(try file("none").remove() == false)
  }
}
