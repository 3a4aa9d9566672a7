import Foundation
import Testing

@testable import ContainerEngine

/// Prints what a container's life and a round trip cost; the bounds are generous, for busy machines.
@Suite(RealEngine(), .serialized, .timeLimit(.minutes(5)))
struct RealEngineTimingTests {
  private let engine = RealEngine.engine
  private let clock = ContinuousClock()

  @Test func whatALaunchCosts() async throws {
    var phases: [String: [Double]] = [:]
    func timed<Value>(_ phase: String, _ work: () async throws -> Value) async throws -> Value {
      let start = clock.now
      let value = try await work()
      phases[phase, default: []].append((clock.now - start).milliseconds)
      return value
    }
    for _ in 0..<10 {
      let spec = RealEngine.spec("cat")
      let id = try await timed("create") { try await engine.createContainer(spec) }
      let attachment = try await timed("attach") { try await engine.attach(id) }
      try await timed("start") { try await engine.start(id) }
      try await timed("first echo") {
        try await attachment.writeLine(Array("x".utf8))
        _ = try await attachment.lines().makeAsyncIterator().next()
      }
      try await timed("remove") { try await engine.remove(id, force: true) }
      let whole = try await timed("launch") { try await LaunchedContainer.launch(spec, on: engine) }
      try await timed("terminate") { await whole.terminate() }
    }
    for (phase, times) in phases.sorted(by: { $0.key < $1.key }) {
      print("timing: \(phase) median \(median(times)) ms")
    }
    #expect(median(phases["launch"] ?? []) < 5000)
  }

  @Test(arguments: [100, 1_000, 100_000, 10_000_000])
  func whatARoundTripCosts(_ size: Int) async throws {
    let container = try await RealEngine.launch("cat")
    let lines = container.attachment.lines().makeAsyncIterator()
    let line = [UInt8](repeating: 0x61, count: size)
    let rounds = size > 1_000_000 ? 5 : size > 10_000 ? 100 : 2000
    var times: [Double] = []
    let cpu = processSeconds()
    for _ in 0..<rounds {
      let start = clock.now
      if size < 200_000 {
        try await container.attachment.writeLine(line)
        #expect(try await lines.next()?.count == size)
      } else {
        // More than the pipes on the way hold: writing waits for reading.
        async let sending: Void = container.attachment.writeLine(line)
        #expect(try await lines.next()?.count == size)
        try await sending
      }
      times.append((clock.now - start).milliseconds)
    }
    let perRound = (processSeconds() - cpu) / Double(rounds) * 1e3
    print("timing: \(size) bytes median \(median(times)) ms, CPU \(perRound) ms")
    #expect(median(times) < (size > 1_000_000 ? 10_000 : 100))
    await container.terminate()
  }

  @Test func whatABlockingSocketCosts() async throws {
    let id = try await engine.createContainer(RealEngine.spec("cat"))
    let raw = try #require(RawAttachment(id: id.text))
    try await engine.start(id)
    let line = [UInt8](repeating: 0x61, count: 999) + [0x0A]
    var times: [Double] = []
    for _ in 0..<2000 {
      let start = clock.now
      #expect(raw.echo(line))
      times.append((clock.now - start).milliseconds)
    }
    print("timing: 1000 bytes over a blocking socket median \(median(times)) ms")
    try await engine.remove(id, force: true)
  }

  private func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
  }

  private func processSeconds() -> Double { Double(processNanoseconds()) / 1e9 }

  private func processNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
