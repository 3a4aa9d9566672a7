import Foundation
import Interceptors
import Testing
import Wire

@testable import Gateway

@Suite(.timeLimit(.minutes(1)))
struct MetricsTests {
  private func call(_ server: String, _ tool: String, _ method: Call.Method = .callTool) -> Call {
    Call(
      id: "1", caller: Caller(identity: "local", session: "s", clientName: "c"), server: server,
      method: method, target: tool, params: .emptyObject)
  }

  private let fine = CallOutcome.succeeded(CallResult(.emptyObject))

  @Test func callsAreCountedByServerToolAndDecision() {
    let metrics = CallMetrics()
    for _ in 1...3 { metrics.ended(call("notes", "search"), CallTrail(), fine) }
    metrics.ended(
      call("notes", "search"), CallTrail(), .refused(Refusal(.policyDenied, message: "no")))
    metrics.ended(
      call("git", "log"), CallTrail(), .failed(Fault(.timeout, from: .server, "late")))
    metrics.ended(call("notes", "file:///secret/plan", .readResource), CallTrail(), fine)
    let lines = metrics.text.split(separator: "\n").map(String.init)
    let name = "mcp_gateway_calls_total"
    #expect(lines.contains(#"\#(name){server="notes",tool="search",decision="allowed"} 3"#))
    #expect(lines.contains(#"\#(name){server="notes",tool="search",decision="refused"} 1"#))
    #expect(lines.contains(#"\#(name){server="git",tool="log",decision="failed"} 1"#))
    #expect(lines.contains(#"\#(name){server="notes",tool="resources/read",decision="allowed"} 1"#))
    #expect(!metrics.text.contains("plan"))
    let buckets = "mcp_gateway_call_duration_seconds_bucket"
    #expect(lines.contains(#"\#(buckets){server="notes",tool="search",le="0.001"} 4"#))
    #expect(lines.contains(#"\#(buckets){server="notes",tool="search",le="+Inf"} 4"#))
  }

  @Test func seriesAreBounded() {
    let metrics = CallMetrics()
    for number in 0..<3_000 { metrics.ended(call("s", "tool\(number)"), CallTrail(), fine) }
    let lines = metrics.text.split(separator: "\n")
    #expect(lines.filter { $0.contains("seconds_count") }.count == 2_001)
    #expect(lines.contains { $0.contains("(others)") && $0.hasSuffix(" 1000") })
  }

  @Test func aNameCannotForgeALine() {
    let metrics = CallMetrics()
    metrics.ended(call("s", "x\"} 1\nforged 1\u{1B}[2J\\"), CallTrail(), fine)
    #expect(!metrics.text.contains("\nforged"))
    #expect(!metrics.text.contains("\u{1B}"))
    #expect(metrics.text.contains(#"tool="x\"} 1\\nforged"#))
  }

  private func get(_ listener: MetricsListener, _ arguments: String...) async throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      ["curl", "--silent", "--max-time", "20", "--write-out", " %{http_code}"] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    return await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        continuation.resume(returning: String(decoding: data, as: UTF8.self))
      }
    }
  }

  @Test func theyAreServedOnLoopbackToWhoNamesThisMachine() async throws {
    let metrics = CallMetrics()
    let listener = try await MetricsListener.bind(port: 0, metrics)
    metrics.ended(call("notes", "search"), CallTrail(), fine)
    let page = try await get(listener, listener.url)
    #expect(page.hasSuffix(" 200") && page.contains(#"server="notes""#))
    #expect(try await get(listener, "-H", "Host: evil.example", listener.url).hasSuffix(" 403"))
    #expect(try await get(listener, "\(listener.url)/other").hasSuffix(" 404"))
    #expect(try await get(listener, "-d", "x", listener.url).hasSuffix(" 405"))
    #expect(try await get(listener, listener.url).hasSuffix(" 200"))
    await #expect(throws: Problem.self) {
      _ = try await MetricsListener.bind(port: listener.port, metrics)
    }
    await listener.close()
    #expect(try await get(listener, listener.url).hasSuffix(" 000"))
  }
}
