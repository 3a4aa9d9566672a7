import Foundation
import Testing
import Wire

@testable import Audit

struct AuditKeysTests {
  @Test func keysAreMadeOnceAndReadFromThenOn() throws {
    let shop = try LogWorkshop()
    let path = shop.path("state/audit/key")
    #expect(try AuditKeys.read(path) == nil)
    let made = try AuditKeys.readOrMake(path)
    #expect(try AuditKeys.readOrMake(path).publicText == made.publicText)
    let log = LogID.random()
    let text = Array("value".utf8)[...]
    let digest = Array(made.digest(for: log)(text))
    #expect(Array(try AuditKeys.readOrMake(path).digest(for: log)(text)) == digest)
    #expect(Array(made.digest(for: .random())(text)) != digest)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: shop.path("state/audit")) == ["key"])
  }

  @Test func gatewaysThatStartTogetherAgreeOnTheKeys() async throws {
    let shop = try LogWorkshop()
    let path = shop.path("key")
    let keys = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<16 { group.addTask { try AuditKeys.readOrMake(path).publicText } }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(keys.count == 1)
  }

  @Test(arguments: [0o640, 0o604, 0o666])
  func keysThatOthersCanReadAreRefused(mode: Int) throws {
    let shop = try LogWorkshop()
    _ = try AuditKeys.readOrMake(shop.path("key"))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: shop.path("key"))
    #expect(throws: Problem.self) { try AuditKeys.read(shop.path("key")) }
  }

  @Test(arguments: ["", "x", "mcp-gateway audit keys 1\nsigning 00\ndigests 00\n"])
  func aFileThatHoldsNoKeysIsRefused(text: String) throws {
    let shop = try LogWorkshop()
    try shop.write(Array(text.utf8), shop.path("key"))
    #expect(throws: Problem.self) { try AuditKeys.read(shop.path("key")) }
  }

  @Test func printingKeysShowsOnlyThePublicOne() {
    let keys = AuditKeys.make()
    #expect("\(keys)" == "AuditKeys(\(keys.publicText))")
    var dumped = ""
    dump(keys, to: &dumped)
    #expect(!dumped.contains("signing"))
  }

  @Test(arguments: ["", "ed25519:", "ed25519:00", "rsa:" + String(repeating: "0", count: 64)])
  func whatIsNoPublicKeyIsNotTrusted(text: String) {
    #expect(throws: Problem.self) { try TrustedKeys([text]) }
  }
}
