import NIOCore
import Wire

/// The engine's progress report: JSON values, one a line, that can end in an error although the
/// status said 200.
struct ProgressReader {
  /// A line is a few hundred bytes; an error message from a registry may be some kilobytes.
  private static let longestLine = 1 << 20

  private let response: EngineResponse
  private var lines = LineSplitter(maximum: longestLine)

  init(_ response: EngineResponse) { self.response = response }

  /// The next report; nil at the end.
  mutating func next() async throws -> PullProgress? {
    while true {
      if let line = try nextLine() { return try report(line) }
      guard let chunk = try await response.body.next() else {
        return try lines.finish().map(report)
      }
      lines.append(chunk)
    }
  }

  private mutating func nextLine() throws -> [UInt8]? {
    do { return try lines.next() } catch {
      throw EngineError(.malformed, response.operation, "a line of the report is too long")
    }
  }

  private func report(_ line: [UInt8]) throws -> PullProgress {
    let json: JSONText
    do { json = try JSONText(validating: line, limits: .fromEngine) } catch {
      throw EngineError(.malformed, response.operation, "the engine's report is not JSON: \(error)")
    }
    if let message = json["errorDetail"]?["message"]?.string ?? json["error"]?.string {
      throw EngineError(
        Self.kind(of: message), response.operation, message, hint: Self.hint(for: message))
    }
    let detail = json["progressDetail"]
    return PullProgress(
      layer: json["id"]?.string ?? "", status: json["status"]?.string ?? "",
      current: detail?["current"]?.int, total: detail?["total"]?.int)
  }

  /// The report carries no status, only the registry's words.
  static func kind(of message: String) -> EngineError.Kind {
    let lowered = message.lowercased()
    func says(_ words: String...) -> Bool { words.contains { lowered.contains($0) } }
    if says("unauthorized", "denied", "authentication required", "toomanyrequests") {
      return .refused
    }
    return says("not found", "manifest unknown", "no matching manifest") ? .notFound : .failed
  }

  static func hint(for message: String) -> String? {
    let lowered = message.lowercased()
    if lowered.contains("toomanyrequests") { return "log in with docker login, or try again later" }
    if lowered.contains("denied") || lowered.contains("unauthorized") {
      return "check the name, or log in with docker login"
    }
    return nil
  }
}
