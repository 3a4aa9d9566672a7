import Testing

/// A server that misbehaves harms nobody else, and people are told what is wrong with it.
@Suite struct HostileServerTests {
  /// A way to misbehave that shows before any call, and what the gateway says about it.
  struct BadStart: Sendable, CustomTestStringConvertible {
    let mode: String
    let said: String
    var testDescription: String { mode }
  }

  static let badStarts = [
    BadStart(mode: "exit-at-once", said: "the database password is wrong"),
    BadStart(mode: "never-initialize", said: "initialize"),
    BadStart(mode: "not-reading", said: "did not answer"),
    BadStart(mode: "endless-line", said: "bytes"),
  ]

  @Test(arguments: badStarts)
  func aServerThatDoesNotStartIsReportedAndOthersServe(bad: BadStart) async throws {
    try await withSandbox { sandbox in
      let hostile = sandbox.name("hostile")
      try sandbox.serve(.everything(sandbox.name("good")), .hostile(hostile, bad.mode))
      let session = try await sandbox.session("--start-timeout", "5s")
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      #expect(try await session.call("echo", ["text": "hello"]).resultText == "hello")
      try await eventually("the reason: \(bad.said)") {
        let log = session.process.errors
        return log.contains(hostile) && log.contains(bad.said)
      }
    }
  }

  @Test func anImageThatCannotBePulledIsReportedAndOthersServe() async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("absent")
      let port = try Machine.freePort()
      let image = "127.0.0.1:\(port)/no/such:1"
      try sandbox.serve(.everything(sandbox.name("good")), .image(image, name: name))
      let session = try await sandbox.session()
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      try await eventually("the reason") {
        session.process.errors.contains(name) && session.process.errors.contains(image)
      }
      #expect(try await session.call("echo", ["text": "hello"]).resultText == "hello")
    }
  }

  /// A registry that takes the connection and never answers.
  @Test func anImageThatNeverComesDoesNotDelayTheOthers() async throws {
    try await withSandbox { sandbox in
      let registry = try SilentListener()
      defer { withExtendedLifetime(registry) {} }
      let image = "127.0.0.1:\(registry.port)/no/such:1"
      try sandbox.serve(
        .everything(sandbox.name("good")), .image(image, name: sandbox.name("absent")))
      let session = try await sandbox.session()
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      #expect(!session.process.errors.contains("! \(image)"), "the pull has not failed yet")
      #expect(try await session.call("echo", ["text": "hello"]).resultText == "hello")
    }
  }

  /// A way to misbehave that shows in a call, and what the client is told.
  struct BadAnswer: Sendable, CustomTestStringConvertible {
    let mode: String
    var tool: String
    let told: String
    var testDescription: String { mode }

    init(_ mode: String, tool: String? = nil, told: String) {
      self.mode = mode
      self.tool = tool ?? mode.split(separator: "-").joined(separator: "_")
      self.told = told
    }
  }

  static let badAnswers = [
    BadAnswer("big-result", told: "larg"),
    BadAnswer("duplicate-keys", told: "twice"),
    BadAnswer("dies-in-call", told: "dying in the middle of a call"),
    BadAnswer("half-answer", told: "cannot be accepted"),
    BadAnswer("never-answers", told: "5"),
    BadAnswer("wrong-shapes", tool: "null_result", told: "result"),
  ]

  @Test(arguments: badAnswers, [false, true])
  func aBadAnswerFailsOneCallWithAReason(bad: BadAnswer, isLongLived: Bool) async throws {
    try await withSandbox { sandbox in
      let hostile = ServerEntry.hostile(
        sandbox.name("hostile"), bad.mode, longLived: isLongLived)
      try sandbox.serve(.everything(sandbox.name("good")), hostile)
      // Only one of them is about time; a large answer may need more of it on a busy machine.
      let limit = bad.mode == "never-answers" ? "5s" : "60s"
      let session = try await sandbox.session("--call-timeout", limit)
      _ = try await session.waitForTools("both") { $0.contains("echo") && $0.contains(bad.tool) }
      let reason = try await session.failure(of: bad.tool)
      #expect(reason?.contains(bad.told) == true, "\(reason ?? "no failure")")
      #expect(try await session.call("echo", ["text": "hello"]).resultText == "hello")
    }
  }

  /// Servers that are a nuisance, but whose good tool works all the same.
  @Test(arguments: [
    "slow-start", "junk-between", "bad-schema", "odd-names", "endless-list-changed", "deaf",
    "forks", "floods-stderr",
  ])
  func aNuisanceIsServedAllTheSame(mode: String) async throws {
    try await withSandbox { sandbox in
      let entry = ServerEntry.hostile(sandbox.name("hostile"), mode, longLived: true)
      try sandbox.serve(.everything(sandbox.name("other")), entry)
      let session = try await sandbox.session("--start-timeout", "30s")
      let tools = try await session.waitForTools(
        "both", { $0.contains("good") && $0.contains("echo") })
      #expect(try await session.call("good").resultText == "ok")
      #expect(try await session.call("echo", ["text": "hello"]).resultText == "hello")
      let printable = tools.allSatisfy { $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
      #expect(printable, "\(tools)")
      #expect(tools.allSatisfy { $0.utf8.count <= 128 })
      let log = session.process.errors.unicodeScalars
      #expect(!log.contains("\u{1B}") && !log.contains("\u{202E}") && !log.contains("\u{0}"))
    }
  }

  @Test func garbageOnStandardOutputIsReported() async throws {
    try await withSandbox { sandbox in
      let hostile = sandbox.name("hostile")
      try sandbox.serve(.everything(sandbox.name("good")), .hostile(hostile, "garbage"))
      let session = try await sandbox.session("--start-timeout", "5s")
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      try await eventually("the reason") { session.process.errors.contains(hostile) }
      #expect(try await session.call("echo", ["text": "hello"]).resultText == "hello")
    }
  }

  @Test(arguments: ["many-tools", "endless-pages"])
  func aListWithoutEndIsCutAndSaid(mode: String) async throws {
    try await withSandbox { sandbox in
      let hostile = sandbox.name("hostile")
      try sandbox.serve(.everything(sandbox.name("good")), .hostile(hostile, mode))
      let session = try await sandbox.session("--start-timeout", "30s")
      let tools = try await session.waitForTools("echo") { $0.contains("echo") }
      #expect(tools.count < 5_000)
      try await eventually("what was left out") { session.process.errors.contains("left out") }
      #expect(try await session.call("echo", ["text": "hello"]).resultText == "hello")
    }
  }

  @Test func aForkBombIsStoppedByThePidsLimit() async throws {
    try await withSandbox { sandbox in
      try sandbox.serve(
        .everything(sandbox.name("other")), .hostile(sandbox.name("hostile"), "fork-bomb"))
      let session = try await sandbox.session("--start-timeout", "2m")
      _ = try await session.waitForTools(within: .seconds(120), "good") { $0.contains("good") }
      let children = Int(try await session.call("good", within: .seconds(120)).resultText) ?? 5_000
      #expect(children < 2_000)
    }
  }
}
