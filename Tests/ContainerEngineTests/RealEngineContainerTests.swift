import Foundation
import Logging
import Synchronization
import Testing
import Wire

@testable import ContainerEngine

@Suite(RealEngine(), .timeLimit(.minutes(5)))
struct RealEngineContainerTests {
  private let engine = RealEngine.engine

  @Test func theEngineTellsItsVersionAndMachine() async throws {
    try await engine.ping()
    let version = try await engine.version()
    let info = try await engine.info()
    #expect(!version.version.isEmpty && version.operatingSystem == "linux")
    #expect(info.cpus > 0 && info.memory > 0)
    #expect(try await engine.apiVersion() >= .oldest)
  }

  @Test func anImportedImageCarriesWhatItWasGiven() async throws {
    let image = try #require(try await engine.inspectImage(id: RealEngine.imageID))
    #expect(image.id == RealEngine.imageID)
    #expect(image.labels == ["kind": "test"])
    #expect(image.environment == ["PATH=/bin"] && image.user == "1000")
    #expect(image.workingDirectory == "/work")
    let reference = try ImageReference(try #require(image.tags.first))
    #expect(image.isKnown(as: reference))
    #expect(try await engine.inspectImage(reference)?.id == image.id)
  }

  @Test func anUnknownImageIsNil() async throws {
    #expect(try await engine.inspectImage(ImageReference("no/such:image")) == nil)
  }

  @Test func linesAreEchoedAndEndOfInputEndsTheContainer() async throws {
    let container = try await RealEngine.launch("cat")
    let lines = container.attachment.lines().makeAsyncIterator()
    for number in 0..<100 {
      try await container.attachment.writeLine(Array("line \(number)".utf8))
      #expect(
        try await lines.next().map { String(decoding: $0, as: UTF8.self) } == "line \(number)")
    }
    await container.attachment.closeInput()
    #expect(try await lines.next() == nil)
    #expect(await container.exit(within: .seconds(10))?.code == 0)
    #expect(try await RealEngine.remaining().isEmpty)
    await container.terminate()
  }

  @Test func anInputClosedHalfStillLetsTheAnswerCome() async throws {
    let container = try await RealEngine.launch("sh", "-c", "wc -c; sleep 0.2; echo done")
    try await container.attachment.write([UInt8](repeating: 0x61, count: 5000))
    await container.attachment.closeInput()
    var texts: [String] = []
    for try await line in container.attachment.lines() {
      texts.append(String(decoding: line, as: UTF8.self))
    }
    #expect(texts == ["5000", "done"])
    await container.terminate()
  }

  @Test func standardErrorIsKeptApartAndItsEndIsRemembered() async throws {
    let seen = Mutex<[String]>([])
    let script =
      "echo out; echo err1 >&2; echo 'e\u{1B}[31mrr2' >&2; yes x | head -n 20000 >&2; printf end >&2; exit 3"
    let container = try await RealEngine.launch("sh", "-c", script) { line in
      seen.withLock { $0.append(line) }
    }
    var out: [[UInt8]] = []
    for try await line in container.attachment.lines() { out.append(line) }
    #expect(out == [Array("out".utf8)])
    #expect(await container.exit(within: .seconds(10)) == ContainerExit(code: 3, error: nil))
    let tail = container.attachment.stderrTail
    #expect(tail.count == 16 << 10 && tail.suffix(4).elementsEqual("\nend".utf8))
    #expect(seen.withLock { Array($0.prefix(2)) } == ["err1", "e\\u{1B}[31mrr2"])
    #expect(seen.withLock { $0.count } == 20_003 && seen.withLock { $0.last } == "end")
    await container.terminate()
  }

  @Test func twentyMegabytesComeThroughUnchanged() async throws {
    let container = try await RealEngine.launch("cat")
    var line = [UInt8](repeating: 0, count: 10 << 20)
    for index in line.indices { line[index] = UInt8(0x20 + index % 90) }
    let sent = line
    async let sending: Void = {
      for _ in 0..<2 { try await container.attachment.writeLine(sent) }
      await container.attachment.closeInput()
    }()
    var count = 0
    for try await received in container.attachment.lines() {
      #expect(received == sent)
      count += 1
    }
    try await sending
    #expect(count == 2)
    await container.terminate()
  }

  @Test func aWriterWaitsForAContainerThatDoesNotReadAndCanGiveUp() async throws {
    let container = try await RealEngine.launch("sleep", "60")
    let written = Mutex(0)
    let writer = Task {
      while true {
        try await container.attachment.write([UInt8](repeating: 0, count: 64 << 10))
        written.withLock { $0 += 64 << 10 }
      }
    }
    // However loaded the machine is, what fits on the way is written some time, and then no more.
    var before = -1
    for _ in 0..<30 where before != written.withLock({ $0 }) {
      before = written.withLock { $0 }
      try await Task.sleep(for: .seconds(1))
    }
    #expect(written.withLock { $0 } == before)
    #expect(before < 16 << 20)
    writer.cancel()
    await #expect(throws: CancellationError.self) { try await writer.value }
    await container.terminate()
    #expect(try await RealEngine.remaining().isEmpty)
  }

  @Test func aContainerWaitsForAReaderThatDoesNotRead() async throws {
    let container = try await RealEngine.launch("yes", "0123456789")
    try await Task.sleep(for: .seconds(1))
    let before = residentBytes()
    try await Task.sleep(for: .seconds(1))
    // Unchecked it would be hundreds of megabytes; other tests in this process need some too.
    #expect(residentBytes() - before < 128 << 20)
    await container.terminate()
  }

  @Test func aLineOverTheLimitIsAnErrorAndNotMemory() async throws {
    let container = try await RealEngine.launch("dd", "if=/dev/zero", "bs=1M", "count=8")
    let lines = container.attachment.lines(maximum: 1 << 20).makeAsyncIterator()
    let error = await #expect(throws: EngineError.self) { try await lines.next() }
    #expect(error?.kind == .tooLarge)
    await container.terminate()
  }

  @Test func writingToAnEndedContainerIsAnError() async throws {
    let container = try await RealEngine.launch("true")
    #expect(await container.exit(within: .seconds(10))?.code == 0)
    let error = await #expect(throws: EngineError.self) {
      for _ in 0..<100 {
        try await container.attachment.writeLine(Array("x".utf8))
        try await Task.sleep(for: .milliseconds(10))
      }
    }
    #expect(error?.kind == .conflict || error?.kind == .unreachable)
    await container.terminate()
  }

  @Test func terminateEndsAContainerThatIgnoresEverything() async throws {
    let container = try await RealEngine.launch(
      "sh", "-c", "trap '' TERM INT; while :; do sleep 1; done")
    async let one: Void = container.terminate(grace: .milliseconds(200))
    async let two: Void = container.terminate()
    _ = await (one, two)
    #expect(try await RealEngine.remaining().isEmpty)
    await container.terminate()
    await #expect(throws: EngineError.self) { try await engine.inspect(container.id) }
  }

  @Test func aContainerThatNeverReadsCannotHoldUpItsEnd() async throws {
    let container = try await RealEngine.launch("sleep", "60")
    try await container.attachment.write([UInt8](repeating: 0, count: 8 << 20))
    let start = ContinuousClock.now
    await container.terminate(grace: .milliseconds(200))
    #expect(ContinuousClock.now - start < .seconds(30))
    #expect(try await RealEngine.remaining().isEmpty)
  }

  @Test func terminateLetsAContainerEndByItself() async throws {
    let container = try await RealEngine.launch("sh", "-c", "cat; exit 7")
    await container.terminate(grace: .seconds(5))
    #expect(await container.exit(within: .seconds(1))?.code == 7)
    #expect(try await RealEngine.remaining().isEmpty)
  }

  @Test func aForgottenContainerDoesNotStay() async throws {
    do { _ = try await RealEngine.launch("cat") }
    try await expectNothingRemains()
  }

  @Test func aContainerThatIsToStayIsKilledAndStays() async throws {
    var spec = RealEngine.spec("sh", "-c", "echo hello; echo oops >&2; exec sleep 60")
    spec.isRemovedAfterExit = false
    spec.logging = .bounded(1 << 20)
    let container = try await LaunchedContainer.launch(spec, on: engine)
    let lines = container.attachment.lines().makeAsyncIterator()
    #expect(try await lines.next() == Array("hello".utf8))
    await container.terminate()
    #expect(await container.exit(within: .seconds(1))?.wasKilled == true)
    let details = try await engine.inspect(container.id)
    #expect(
      !details.isRunning && details.exitCode == 137 && details.labels[RealEngine.label] == #function
    )
    let log = String(decoding: try await engine.logsTail(container.id), as: UTF8.self)
    #expect(log.contains("hello") && log.contains("oops"))
    try await engine.remove(container.id, force: false)
    try await engine.remove(container.id, force: false)
    #expect(try await RealEngine.remaining().isEmpty)
  }

  @Test func aProgramThatDoesNotExistIsAnErrorAndLeavesNothing() async throws {
    var spec = RealEngine.spec("/no/such/program")
    spec.hasInit = false
    let error = await #expect(throws: EngineError.self) {
      try await LaunchedContainer.launch(spec, on: engine)
    }
    #expect(error?.message.contains("no such file") == true)
    try await expectNothingRemains()
  }

  @Test func belowInitAProgramThatDoesNotExistShowsInExitCodeAndStandardError() async throws {
    let container = try await RealEngine.launch("/no/such/program")
    #expect(await container.exit(within: .seconds(20))?.code == 127)
    #expect(
      String(decoding: container.attachment.stderrTail, as: UTF8.self).contains("No such file"))
    await container.terminate()
  }

  @Test func aMissingBindSourceIsAnErrorAndIsNotCreated() async throws {
    var spec = RealEngine.spec("true")
    spec.mounts = [.init(.bind("/no/such/path/of/tests"), target: "/data", isReadOnly: true)]
    await #expect(throws: EngineError.self) { try await LaunchedContainer.launch(spec, on: engine) }
    #expect(!FileManager.default.fileExists(atPath: "/no/such/path/of/tests"))
    #expect(try await RealEngine.remaining().isEmpty)
  }

  @Test func attachingToNothingIsNotFound() async throws {
    let error = await #expect(throws: EngineError.self) {
      try await engine.attach(ContainerID("0123456789ab"))
    }
    #expect(error?.kind == .notFound && error?.status == 404)
    #expect(error?.message.contains("No such container") == true)
  }

  @Test func hardeningIsInForce() async throws {
    var spec = RealEngine.spec(
      "sh", "-c",
      "id -u; cat /proc/self/status /proc/self/limits /sys/fs/cgroup/pids/pids.max; touch /x || echo ro; echo $SECRET"
    )
    spec.environment = ["SECRET": "s3cret"]
    spec.isReadOnlyRoot = true
    spec.tmpfs["/tmp"] = Tmpfs()
    let container = try await LaunchedContainer.launch(spec, on: engine)
    var text = ""
    for try await line in container.attachment.lines() {
      text += String(decoding: line, as: UTF8.self) + "\n"
    }
    #expect(text.hasPrefix("1000\n") && text.hasSuffix("ro\ns3cret\n"))
    #expect(text.contains("NoNewPrivs:\t1") && text.contains("CapBnd:\t0000000000000000"))
    #expect(text.contains("Seccomp:\t2") && text.contains("\n256\n"))
    await container.terminate()
  }

  @Test func volumesAndNetworksAreConnected() async throws {
    let name = "engine-test-\(UInt32.random(in: 0 ... .max))"
    let labels = [RealEngine.label: #function]
    for suffix in ["a", "b"] {
      _ = try await engine.createNetwork(name: name + suffix, isInternal: true, labels: labels)
    }
    var spec = RealEngine.spec("cat")
    spec.network = .named([name + "a", name + "b"])
    spec.mounts = [.init(.anonymousVolume, target: "/data", isReadOnly: false)]
    spec.extraHosts = [ExtraHost(name: "elsewhere", address: "192.0.2.1")]
    let container = try await LaunchedContainer.launch(spec, on: engine)
    #expect(
      try await engine.inspect(container.id).addresses.keys.sorted() == [name + "a", name + "b"])
    let network = try #require(try await engine.inspectNetwork(name + "b"))
    #expect(network.isInternal && network.containers == [container.id])
    #expect(try await engine.listNetworks(labels: [RealEngine.label: #function]).count == 2)
    await container.terminate()
    for suffix in ["a", "b", "b"] { try await engine.removeNetwork(name + suffix) }
    #expect(try await engine.listNetworks(labels: [RealEngine.label: #function]).isEmpty)
  }

  @Test func anUnknownNetworkLeavesNoContainer() async throws {
    var spec = RealEngine.spec("cat")
    spec.network = .named(["no-such-network-a", "no-such-network-b"])
    await #expect(throws: EngineError.self) { try await LaunchedContainer.launch(spec, on: engine) }
    #expect(try await RealEngine.remaining().isEmpty)
  }

  @Test func anImageFromAFileHasTwoNamesAndThenNone() async throws {
    var tar = TarArchive()
    tar.addFile("file", [UInt8](repeating: 0x41, count: 3 << 20))
    let path = "/tmp/engine-test-\(UInt32.random(in: 0 ... .max)).tar"
    try Data(tar.bytes).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let first = try ImageReference("engine-test-file:\(UInt32.random(in: 0 ... .max))")
    let second = try ImageReference("localhost:5000/engine-test-file:second")
    let id = try await engine.importImage(.file(path), as: first)
    try await engine.tagImage(id: id, as: second)
    #expect(try await engine.inspectImage(second)?.id == id)
    try await engine.removeImage(second.description)
    #expect(try await engine.inspectImage(second) == nil)
    try await engine.removeImage(id, force: true)
    try await engine.removeImage(id, force: true)
    #expect(try await engine.inspectImage(id: id) == nil)
  }

  @Test func importingAFileThatIsNoArchiveIsAnError() async throws {
    let reference = try ImageReference("engine-test-broken:1")
    for tar in [TarSource.file("/no/such/file"), .bytes(Array("nonsense".utf8))] {
      let error = await #expect(throws: EngineError.self) {
        try await engine.importImage(tar, as: reference)
      }
      #expect(error?.message.isEmpty == false)
    }
    #expect(try await engine.inspectImage(reference) == nil)
  }

  @Test func stoppingAndWaitingTellTheExitCode() async throws {
    var spec = RealEngine.spec("sh", "-c", "trap 'exit 5' TERM; while :; do sleep 0.1; done")
    spec.isRemovedAfterExit = false
    let id = try await engine.createContainer(
      spec, name: "engine-test-\(UInt32.random(in: 0 ... .max))")
    try await engine.start(id)
    try await engine.start(id)
    try await Task.sleep(for: .milliseconds(300))
    async let exit = engine.wait(id, timeout: .seconds(20))
    try await engine.stop(id, grace: 5)
    try await engine.stop(id, grace: 5)
    #expect(try await exit.code == 5)
    let error = await #expect(throws: EngineError.self) { try await engine.kill(id) }
    #expect(error?.kind == .conflict)
    try await engine.remove(id, force: false)
    let gone = await #expect(throws: EngineError.self) { try await engine.kill(id) }
    #expect(gone?.kind == .notFound)
  }

  @Test func eventsTellOfAContainersLife() async throws {
    let test = #function
    var events = engine.events(labels: [RealEngine.label: test], types: ["container"])
      .makeAsyncIterator()
    #expect(await events.next() == .connected)
    let container = try await RealEngine.launch("true")
    var actions: [String] = []
    while actions.last != "destroy", case .event(let event)? = await events.next() {
      #expect(event.actor == container.id.text)
      actions.append(event.action)
    }
    #expect(actions.contains("start") && actions.contains("die"))
    await container.terminate()
  }

  @Test func anImageIsPulledByNameAndByDigest() async throws {
    let registry = try await LocalRegistry()
    let name = try ImageReference("\(registry.address)/mcp/busybox:1")
    try await engine.tagImage(id: RealEngine.imageID, as: name)
    var push = EngineRequest("push", .POST, "/images/\(name.repository)/push")
    push.query = [("tag", "1")]
    push.headers = [("X-Registry-Auth", "e30=")]
    let sent = String(decoding: try await engine.send(push).collect(upTo: 1 << 20), as: UTF8.self)
    let start = try #require(sent.range(of: "sha256:", options: .backwards))
    let digest = String(sent[start.lowerBound...].prefix(71))
    try await engine.removeImage(name.description)

    let reports = Mutex(0)
    let credentials = RegistryCredentials(username: "u", password: "p", server: registry.address)
    let pulled = try await engine.pull(name, credentials: credentials) { _ in
      reports.withLock { $0 += 1 }
    }
    #expect(pulled.id == RealEngine.imageID && reports.withLock { $0 } > 1)
    #expect(pulled.isKnown(as: name))
    let pinned = try name.at(digest: digest)
    #expect(pulled.isKnown(as: pinned))
    try await engine.removeImage(name.description)
    #expect(try await engine.pull(pinned).isKnown(as: pinned))
    try await engine.removeImage(pinned.description)

    let absent = await #expect(throws: EngineError.self) {
      try await engine.pull(ImageReference("\(registry.address)/mcp/none:1"))
    }
    #expect(absent?.kind == .notFound)
    withExtendedLifetime(registry) {}
  }

  @Test func pullingWithoutARegistryIsAnError() async throws {
    let error = await #expect(throws: EngineError.self) {
      try await engine.pull(ImageReference("localhost:1/no/such:image"))
    }
    #expect(error?.message.contains("refused") == true)
  }

  /// Cancels at many moments, so that every phase is hit; whatever was going on, nothing stays.
  @Test func cancellingALaunchInAnyPhaseLeavesNothing() async throws {
    for delay in stride(from: 0, through: 240, by: 8) {
      let spec = RealEngine.spec("cat")
      let launch = Task { try await LaunchedContainer.launch(spec, on: engine) }
      try await Task.sleep(for: .milliseconds(delay))
      launch.cancel()
      if case .success(let container) = await launch.result { await container.terminate() }
    }
    #expect(try await RealEngine.remaining().isEmpty)
  }

  @Test func fiftyContainersAtOnceLeaveNothing() async throws {
    let test = #function
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<50 {
        group.addTask {
          let container = try await LaunchedContainer.launch(
            RealEngine.spec(["cat"], test: test), on: engine)
          try await container.attachment.writeLine(Array("n\(number)".utf8))
          let lines = container.attachment.lines().makeAsyncIterator()
          #expect(try await lines.next() == Array("n\(number)".utf8))
          await container.terminate(grace: number.isMultiple(of: 2) ? .zero : .seconds(5))
        }
      }
      try await group.waitForAll()
    }
    #expect(try await RealEngine.remaining().isEmpty)
  }

  private func expectNothingRemains(_ test: String = #function) async throws {
    for _ in 0..<100 {
      if try await RealEngine.remaining(test).isEmpty { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("containers of \(test) remain")
  }

  private func residentBytes() -> Int {
    let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    return (text?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
  }
}
