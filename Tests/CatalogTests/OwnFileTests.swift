import Foundation
import Testing
import Wire

@testable import Catalog

@Suite struct OwnFileTests {
  /// A file with some mode; gone after `body`.
  static func withFile(mode: Int, _ body: (String) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "own-file-\(UUID().uuidString)"
    try Data("x".utf8).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    try body(path)
  }

  @Test(arguments: [0o600, 0o400, 0o700])
  func aFileOfOursThatOthersCannotReadIsRead(mode: Int) throws {
    try Self.withFile(mode: mode) { path in
      let bytes = try OwnFile.readPrivate(path, maximumBytes: 10)
      #expect(bytes == Array("x".utf8))
    }
  }

  @Test(arguments: [0o640, 0o604, 0o620, 0o666, 0o610])
  func aFileThatOthersCanOpenIsRefusedWithAFix(mode: Int) throws {
    try Self.withFile(mode: mode) { path in
      #expect {
        try OwnFile.readPrivate(path, maximumBytes: 10)
      } throws: { error in
        (error as? Problem)?.hint?.contains("chmod 600") == true
      }
    }
  }

  @Test(arguments: [(0o644, true), (0o600, true), (0o664, false), (0o646, false)])
  func whatIsNoSecretMustOnlyBeSafeFromOthersWriting(mode: Int, isRead: Bool) throws {
    try Self.withFile(mode: mode) { path in
      let bytes = try? OwnFile.readPublic(path, maximumBytes: 10)
      #expect((bytes != nil) == isRead)
    }
  }

  /// Only root can make a file that is another user's.
  @Test(.enabled(if: geteuid() == 0)) func aFileOfAnotherUserIsRefused() throws {
    try Self.withFile(mode: 0o600) { path in
      #expect(chown(path, 65_534, 65_534) == 0)
      #expect(throws: Problem.self) { try OwnFile.readPrivate(path, maximumBytes: 10) }
      #expect(throws: Problem.self) { try OwnFile.readPublic(path, maximumBytes: 10) }
    }
  }

  @Test func whatIsNotAFileIsToldApart() throws {
    #expect(try OwnFile.readPrivate("/no/such/file", maximumBytes: 10) == nil)
    #expect(throws: Problem.self) { try OwnFile.readPrivate("/tmp", maximumBytes: 10) }
    #expect(throws: Problem.self) { try OwnFile.readPrivate("/dev/null", maximumBytes: 10) }
  }
}
