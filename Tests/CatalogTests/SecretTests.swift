import Foundation
import Testing
import Wire

@testable import Catalog

struct SecretTests {
  @Test func aSecretShowsItselfNowhere() {
    let secret = Secret("s3cret")
    var dumped = ""
    dump(secret, to: &dumped)
    dump(NamedSecret(name: "n", value: secret), to: &dumped)
    dump(ResolvedText.secret(secret), to: &dumped)
    let shown = [
      "\(secret)", String(describing: secret), String(reflecting: secret), secret.debugDescription,
      "\([secret])", "\(Optional(secret) as Any)", "\(ResolvedText.secret(secret))",
      String(reflecting: ResolvedText.secret(secret)), dumped,
      "\(NamedText(name: "A", value: .secret(secret)))",
    ]
    for text in shown { #expect(!text.contains("s3cret")) }
    #expect(secret.exposed == "s3cret")
  }

  @Test(arguments: [
    ("a.b=c", ["a.b": "c"]), ("a=b=c", ["a": "b=c"]), ("a=", ["a": ""]), ("  a = b  ", ["a": " b"]),
    ("# comment\n\n   \na=b", ["a": "b"]), ("a=\"b\"", ["a": "\"b\""]), ("a=$B", ["a": "$B"]),
    ("a=b\r\nc=d\r\n", ["a": "b", "c": "d"]), ("a=#b", ["a": "#b"]), ("a=é", ["a": "é"]), ("", [:]),
    (" #a=b", ["#a": "b"]),
  ])
  func assignmentsAreRead(text: String, values: [String: String]) async throws {
    let (file, problems) = SecretFile.decode(Array(text.utf8), source: "f")
    #expect(problems == [])
    for name in ["a", "a.b", "c", "#a"] {
      #expect(try await file.value(of: name)?.exposed == values[name])
    }
  }

  @Test(arguments: [
    ("a=1\nhunter2\nb=2", "f:2:1: error: the line has no `=` (write name=value, or # in front)"),
    ("=hunter2", "f:1:1: error: the name before `=` is missing"),
    ("a=hunter2\na=hunter3", "f:2: warning: the name was given before"),
    ("a=hunter2\u{0}", "f:1:1: error: the line is not UTF-8 text (save the file as UTF-8)"),
    (
      "a=" + String(repeating: "x", count: 64 << 10),
      "f:1:1: error: the line is longer than 65536 bytes"
    ),
  ])
  func badLinesAreReportedWithoutTheirText(text: String, problem: String) {
    let problems = SecretFile.decode(Array(text.utf8), source: "f").problems
    #expect(problems.map(\.description) == [problem])
    #expect(!problems.description.contains("hunter"))
  }

  @Test func aBinaryFileIsRefused() {
    let bytes: [UInt8] = [0x7F, 0x45, 0x4C, 0x46, 0xFF, 0x3D, 0xFE]
    #expect(SecretFile.decode(bytes, source: "f").problems.hasErrors)
  }

  @Test func aFolderHasAFileForEachSecret() async throws {
    let folder = try TemporaryFolder()
    try folder.write("notes.api_key", "s3cret\n")
    try folder.write("two.lines", "one\ntwo\n\n")
    try folder.write("windows", "x\r\n")
    try folder.write("binary", [0xFF, 0xFE])
    try folder.write(".hidden", "no")
    try folder.write("below/file", "no")
    let source = SecretFolder(path: folder.path, title: "folder")
    #expect(try await source.value(of: "notes.api_key")?.exposed == "s3cret")
    #expect(try await source.value(of: "two.lines")?.exposed == "one\ntwo\n")
    #expect(try await source.value(of: "windows")?.exposed == "x")
    for name in ["missing", ".hidden", "below/file", "../x", "", "/etc/hostname"] {
      #expect(try await source.value(of: name) == nil)
    }
    await #expect(throws: Problem.self) { try await source.value(of: "binary") }
    await #expect(throws: Problem.self) { try await source.value(of: "below") }
  }

  private struct Failing: SecretSource {
    struct Leak: Error, CustomStringConvertible { var description: String { "value hunter2" } }
    var title: String { "helper" }
    func value(of name: String) async throws -> Secret? { throw Leak() }
  }

  @Test func theFirstSourceThatHasASecretWins() async {
    let chain = SecretChain(sources: [
      SecretTable(values: ["a": "1"]), SecretTable(values: ["a": "2", "b": "2"]),
    ])
    #expect(await chain.look(up: "a").secret?.exposed == "1")
    #expect(await chain.look(up: "b").secret?.exposed == "2")
    #expect(await chain.look(up: "c").secret == nil)
  }

  @Test func aFailingSourceIsPassedOverAndItsWordsAreNotShown() async {
    let chain = SecretChain(sources: [Failing(), SecretTable(values: ["a": "1"])])
    let (secret, problems) = await chain.look(up: "a")
    #expect(secret?.exposed == "1")
    #expect(problems.map(\.description) == ["helper: warning: the source cannot be asked"])
  }

  @Test func sourcesAreReadInTheirOrder() async throws {
    let folder = try TemporaryFolder()
    try folder.write("work/.env", "a=file\nb=file\nc=file\n")
    try folder.write("work/folder/b", "folder")
    var loading = FileLoading()
    let paths = FilePaths(mcpFolder: folder.path, workingFolder: folder.path + "/work")
    let chain = loading.secrets(
      ["", "folder", "docker-desktop", "./.env", "missing"], paths,
      desktopStores: [SecretTable(values: ["a": "store", "b": "store"])])
    #expect(await chain.look(up: "a").secret?.exposed == "store")
    #expect(await chain.look(up: "b").secret?.exposed == "folder")
    #expect(await chain.look(up: "c").secret?.exposed == "file")
    #expect(
      loading.problems.map(\.description) == [
        """
        \(folder.path)/work/missing: warning: there is no such file of secrets (secret paths are \
        relative to the working folder)
        """
      ])
    #expect(
      loading.watched.map(\.path)
        == ["folder", ".env", "missing"].map { "\(folder.path)/work/\($0)" })
  }

  @Test func readableSecretsAreMentioned() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(".env", "a=b")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
    var loading = FileLoading()
    let paths = FilePaths(mcpFolder: folder.path, workingFolder: folder.path)
    _ = loading.secrets([".env"], paths, desktopStores: [])
    #expect(
      loading.problems.map(\.description) == [
        "\(file): warning: other users of this host can read these secrets (chmod 600 \(file))"
      ])
  }
}
