import NIOCore
import Testing

@testable import ContainerEngine

struct StdioFrameDecoderTests {
  private static func frame(_ stream: UInt8, _ payload: String) -> [UInt8] {
    [stream, 0, 0, 0, 0, 0, UInt8(payload.utf8.count >> 8), UInt8(payload.utf8.count & 255)]
      + Array(payload.utf8)
  }

  private func decode(_ chunks: [ArraySlice<UInt8>]) throws -> (out: String, err: String) {
    var decoder = StdioFrameDecoder()
    var texts = ["", ""]
    for chunk in chunks {
      var input = ByteBuffer(bytes: chunk)
      while let (stream, piece) = try decoder.next(&input) {
        texts[stream == .output ? 0 : 1] += String(buffer: piece)
      }
      #expect(input.readableBytes == 0)
    }
    #expect(decoder.isBetweenFrames)
    return (texts[0], texts[1])
  }

  private static let stream =
    frame(1, "hello ") + frame(2, "oops") + frame(1, "") + frame(1, "world\n")
    + frame(2, String(repeating: "e", count: 300))

  @Test func framesMayFallApartAtEveryByte() throws {
    let bytes = Self.stream
    let error = "oops" + String(repeating: "e", count: 300)
    for cut in 0...bytes.count {
      let result = try decode([bytes[..<cut], bytes[cut...]])
      #expect(result == ("hello world\n", error))
    }
    #expect(try decode(bytes.indices.map { bytes[$0...$0] }) == ("hello world\n", error))
  }

  @Test(
    arguments: [
      [0, 0, 0, 0, 0, 0, 0, 1], [3, 0, 0, 0, 0, 0, 0, 1], [1, 1, 0, 0, 0, 0, 0, 1],
      [1, 0, 0, 1, 0, 0, 0, 1], [1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF], [1, 0, 0, 0, 1, 0, 0, 1],
      [UInt8](repeating: 0x48, count: 8),
    ] as [[UInt8]])
  func whatIsNoFrameIsAnError(_ header: [UInt8]) {
    var decoder = StdioFrameDecoder()
    var input = ByteBuffer(bytes: header)
    #expect(throws: StdioFrameDecoder.Malformed.self) { try decoder.next(&input) }
  }

  @Test func aPayloadIsHandedOnBeforeItIsWhole() throws {
    var decoder = StdioFrameDecoder()
    var input = ByteBuffer(bytes: [1, 0, 0, 0, 1, 0, 0, 0, 0x61])
    #expect(try decoder.next(&input)?.1.readableBytes == 1)
    #expect(!decoder.isBetweenFrames)
  }
}

struct LineSplitterTests {
  private func split(_ chunks: [String], maximum: Int = 100) throws -> [String] {
    var splitter = LineSplitter(maximum: maximum)
    var lines: [[UInt8]] = []
    for chunk in chunks {
      splitter.append(ByteBuffer(string: chunk))
      while let line = try splitter.next() { lines.append(line) }
    }
    if let last = splitter.finish() { lines.append(last) }
    return lines.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func linesMayFallApartAtEveryByte() throws {
    let text = "one\n\n\r\ntwo words\r\n{\"a\":1}\nlast"
    let expected = ["one", "two words\r", "{\"a\":1}", "last"]
    for cut in 0...text.utf8.count {
      let place = text.utf8.index(text.startIndex, offsetBy: cut)
      let parts = [
        String(decoding: text.utf8[..<place], as: UTF8.self),
        String(decoding: text.utf8[place...], as: UTF8.self),
      ]
      #expect(try split(parts) == expected)
    }
    #expect(try split(text.utf8.map { String(decoding: [$0], as: UTF8.self) }) == expected)
  }

  @Test func chunksMayBeAddedBeforeLinesAreTaken() throws {
    var splitter = LineSplitter(maximum: 10)
    splitter.append(ByteBuffer(string: "a\nb"))
    splitter.append(ByteBuffer(string: "c\nd"))
    #expect(try splitter.next() == Array("a".utf8))
    #expect(try splitter.next() == Array("bc".utf8))
    #expect(try splitter.next() == nil)
    #expect(splitter.finish() == Array("d".utf8))
  }

  @Test func theLimitIsExact() throws {
    #expect(try split(["12345\n"], maximum: 5) == ["12345"])
    #expect(try split(["123", "45\n"], maximum: 5) == ["12345"])
    #expect(throws: LineSplitter.TooLong.self) { try split(["123456\n"], maximum: 5) }
    #expect(throws: LineSplitter.TooLong.self) { try split(["123", "456"], maximum: 5) }
  }

  /// Ten times the length must not take a hundred times as long.
  @Test func aLongLineInSmallChunksCostsNoMoreThanItsLength() throws {
    func time(_ count: Int) throws -> Duration {
      var splitter = LineSplitter(maximum: 64 << 20)
      let chunk = ByteBuffer(repeating: 0x61, count: 64)
      let start = ContinuousClock.now
      for _ in 0..<count {
        splitter.append(chunk)
        #expect(try splitter.next() == nil)
      }
      splitter.append(ByteBuffer(string: "\n"))
      #expect(try splitter.next()?.count == 64 * count)
      return ContinuousClock.now - start
    }
    _ = try time(1000)
    let short = try time(2_000)
    let long = try time(20_000)
    #expect(long < short * 40)
  }
}

struct ByteQueueTests {
  @Test func whatWasPushedBeforeTheEndIsDelivered() async throws {
    let queue = ByteQueue()
    queue.push(ByteBuffer(string: "a"))
    queue.push(ByteBuffer(string: "b"))
    queue.fail(EngineError(.timeout, "x", "y"))
    queue.finish()
    queue.push(ByteBuffer(string: "c"))
    #expect(try await queue.next().map(String.init(buffer:)) == "a")
    #expect(try await queue.next().map(String.init(buffer:)) == "b")
    await #expect(throws: EngineError.self) { try await queue.next() }
    await #expect(throws: EngineError.self) { try await queue.next() }
  }

  @Test func aCancelledReaderLosesNothing() async throws {
    let queue = ByteQueue()
    let reader = Task { try await queue.next() }
    try await Task.sleep(for: .milliseconds(20))
    reader.cancel()
    await #expect(throws: CancellationError.self) { try await reader.value }
    queue.push(ByteBuffer(string: "a"))
    #expect(try await queue.next().map(String.init(buffer:)) == "a")
  }

  @Test func aFullQueueHoldsReadingBackUntilThereIsRoom() async throws {
    let queue = ByteQueue()
    #expect(!queue.holdsBack {})
    queue.push(ByteBuffer(repeating: 0, count: 256 << 10))
    await confirmation { resumed in
      #expect(queue.holdsBack { resumed() })
      _ = try? await queue.next()
    }
    for _ in 0..<64 { queue.push(ByteBuffer(string: "x")) }
    #expect(queue.holdsBack {})
    queue.finish()
    #expect(!queue.holdsBack {})
  }
}

struct WriteGateTests {
  @Test func writersPassInOrderWhenThereIsRoom() async throws {
    let gate = WriteGate()
    try await gate.enter(1 << 20)
    let second = Task { try await gate.enter(1 << 20) }
    try await Task.sleep(for: .milliseconds(20))
    let third = Task { try await gate.enter(1) }
    try await Task.sleep(for: .milliseconds(20))
    second.cancel()
    await #expect(throws: CancellationError.self) { try await second.value }
    gate.leave(1 << 20)
    try await third.value
  }

  @Test func everybodyHearsOfTheEnd() async throws {
    let gate = WriteGate()
    try await gate.enter(1 << 20)
    let waiting = Task { try await gate.enter(1) }
    try await Task.sleep(for: .milliseconds(20))
    gate.close(EngineError(.conflict, "x", "ended"))
    await #expect(throws: EngineError.self) { try await waiting.value }
    await #expect(throws: EngineError.self) { try await gate.enter(1) }
  }
}
