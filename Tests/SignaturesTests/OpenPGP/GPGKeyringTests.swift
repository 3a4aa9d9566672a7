import Foundation
import Synchronization
import Testing

@testable import Signatures

/// Every trap of GnuPG's answers, with signatures that a real gpg made.
@Suite(.timeLimit(.minutes(30)))
struct GPGKeyringTests {
  /// Nothing here waits for time to pass, however busy the machine is.
  private static let deadline = Deadline(after: .seconds(3_600))
  private static let folder = FileManager.default.temporaryDirectory.path

  private static func keyring(_ names: String...) async throws -> GPGKeyring {
    var sources: [GPGKeyring.Source] = []
    for name in names {
      sources.append(.init(name: name, bytes: try Fixture.bytes("keys/\(name)")))
    }
    return try await GPGKeyring.load(sources, in: folder, until: deadline)
  }

  private static func verify(
    _ name: String, _ keyring: GPGKeyring
  ) async throws -> (text: [UInt8], signer: String) {
    guard case .openPGP(let blob) = try SignatureBlob(Fixture.signature(name)) else {
      throw Rejection(.malformedSignature, "not OpenPGP")
    }
    return try await keyring.verify(blob, until: deadline)
  }

  @Test(arguments: [
    ("good", "trusted"), ("uncompressed", "trusted"), ("zlib", "trusted"),
    ("bzip2", "trusted"), ("subkey", "subkeyed"), ("rsa", "rsa"),
  ])
  func aGoodSignatureGivesItsTextAndThePrimaryKey(_ name: String, _ key: String) async throws {
    let keyring = try await Self.keyring("\(key).gpg")
    let signed = try await Self.verify(name, keyring)
    #expect(signed.signer == (try Fixture.fingerprint(key)))
    #expect(try SignedPayload(signed.text, as: .atomic).identity == Fixture.reference)
  }

  @Test func anArmoredKeyIsAKey() async throws {
    let keyring = try await Self.keyring("trusted.asc")
    _ = try await Self.verify("good", keyring)
  }

  @Test(arguments: [
    ("armored", RejectionCode.malformedSignature), ("cleartext", .malformedSignature),
    ("literal", .malformedSignature), ("literal-then-signed", .malformedSignature),
    ("signed-then-literal", .malformedSignature), ("two-messages", .malformedSignature),
    ("two-signers", .multipleSignatures), ("detached", .badSignature),
    ("cut-inside", .malformedSignature), ("cut-at-end", .malformedSignature),
    ("trailing", .malformedSignature), ("trailing-uncompressed", .malformedSignature),
    ("trailing-zlib", .malformedSignature), ("empty", .malformedSignature),
    ("html", .malformedSignature), ("altered", .badSignature), ("other-key", .untrustedKey),
    ("sha1", .weakAlgorithm), ("ripemd", .weakAlgorithm), ("weak-key", .weakAlgorithm),
    ("revoked-key", .keyRevoked), ("revoked-subkey", .keyRevoked), ("expired-key", .keyExpired),
    ("expired-signature", .signatureExpired), ("bomb", .tooLarge),
  ])
  func everyTrapIsClosed(_ name: String, _ code: RejectionCode) async throws {
    let keyring = try await Self.keyring(
      "trusted.gpg", "rsa.gpg", "weak.gpg", "revoked.gpg", "subkeyed.gpg", "expired.gpg")
    let rejection = await #expect(throws: Rejection.self) { try await Self.verify(name, keyring) }
    #expect(rejection?.code == code, "\(rejection?.description ?? "")")
  }

  @Test func anyKeyOfAFileMayVerify() async throws {
    let keyring = try await Self.keyring("both.gpg")
    _ = try await Self.verify("good", keyring)
    _ = try await Self.verify("other-key", keyring)
  }

  @Test(arguments: ["empty.gpg", "garbage.gpg", "secret.gpg", "trusted.fingerprint"])
  func anUnusableKeyIsAnErrorEvenBesideAGoodOne(_ name: String) async throws {
    let rejection = await #expect(throws: Rejection.self) {
      try await Self.keyring("trusted.gpg", name)
    }
    #expect(rejection?.code == .keyUnusable)
  }

  @Test func nothingIsLeftBehind() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "gpg-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let source = GPGKeyring.Source(name: "k", bytes: try Fixture.bytes("keys/trusted.gpg"))
    let keyrings = GPGKeyrings(folder: folder)
    await keyrings.enter()
    var keyring: GPGKeyring? = try await keyrings.keyring(for: [source], until: Self.deadline)
    let homes = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(homes.count == 1)
    let again = try await keyrings.keyring(for: [source], until: Self.deadline)
    #expect(again === keyring)
    if let keyring { _ = try await Self.verify("good", keyring) }
    keyring = nil
    for home in homes { #expect(!Self.processes.contains { $0.contains(home) }) }
    await keyrings.leave()
    _ = consume again
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
  }

  /// The command lines of all processes.
  private static var processes: [String] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return all.compactMap { FileManager.default.contents(atPath: "/proc/\($0)/cmdline") }
      .map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func aHomeOfAKilledGatewayIsRemoved() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "gpg-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let living = try GPGHome(in: folder)
    for name in ["mcp-gateway-gpg-dead", "mcp-gateway-gpg-young", "somebody-else"] {
      let path = "\(folder)/\(name)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try Data().write(to: URL(filePath: "\(path)/owner.lock"))
    }
    let old = Date(timeIntervalSinceNow: -3600)
    for path in [living.path, "\(folder)/mcp-gateway-gpg-dead", "\(folder)/somebody-else"] {
      try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: path)
    }
    let next = try GPGHome(in: folder)
    let names = Set(try FileManager.default.contentsOfDirectory(atPath: folder))
    let expected = [living.path, next.path].map { URL(filePath: $0).lastPathComponent }
    #expect(names == Set(expected + ["mcp-gateway-gpg-young", "somebody-else"]))
  }

  @Test func aDeadlineThatIsOverIsATimeout() async throws {
    let keyring = try await Self.keyring("trusted.gpg")
    let rejection = await #expect(throws: Rejection.self) {
      try await keyring.verify(
        Fixture.signature("good"), until: Deadline(after: .zero))
    }
    #expect(rejection?.code == .timeout)
  }

  @Test func manyVerificationsAtOnceDoNotDisturbEachOther() async throws {
    let keyring = try await Self.keyring("trusted.gpg")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<12 {
        group.addTask {
          if number.isMultiple(of: 2) {
            _ = try await Self.verify("good", keyring)
          } else {
            await #expect(throws: Rejection.self) { try await Self.verify("altered", keyring) }
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
