import Authorization
import Foundation

@testable import Gateway

/// A gateway on a free loopback port.
struct HTTPProbe: Sendable {
  static let token = "correct-horse"
  let transport: HTTPTransport
  let opener: ScriptedOpener

  /// Starts a transport, runs `body`, stops.
  static func serving(
    _ endpoint: HTTPEndpoint = .streaming, _ authenticator: Authenticator? = nil,
    opener: ScriptedOpener = ScriptedOpener(),
    _ adjust: (inout HTTPConfiguration) -> Void = { _ in },
    _ body: (HTTPProbe) async throws -> Void
  ) async throws {
    let fallback = BearerToken(token).map(Authenticator.requiring)
    guard let authenticator = authenticator ?? fallback else { return }
    var configuration = HTTPConfiguration(endpoint, port: 0, authenticator: authenticator)
    configuration.sweep = .milliseconds(50)
    adjust(&configuration)
    let transport = try await HTTPTransport.bind(configuration)
    let serving = Task { try await transport.serve(opener) }
    do {
      try await body(HTTPProbe(transport: transport, opener: opener))
    } catch {
      transport.stop()
      try await serving.value
      throw error
    }
    transport.stop()
    try await serving.value
  }

  func connect() -> RawConnection { RawConnection(port: transport.port) }

  /// One request on a connection of its own.
  func request(
    _ method: String, _ path: String, _ headers: [String] = [], _ body: String? = nil
  ) async -> RawResponse? {
    let connection = connect()
    defer { connection.close() }
    return await connection.request(method, path, headers, body)
  }

  static let authorization = "Authorization: Bearer \(token)"
  static let standard = [
    authorization, "Content-Type: application/json",
    "Accept: application/json, text/event-stream",
  ]

  static let initialize =
    #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","#
    + #""capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#

  /// Opens a session over streamable HTTP and gives its id.
  func open() async -> String {
    let response = await request("POST", "/mcp", Self.standard, Self.initialize)
    return response?.headers["mcp-session-id"] ?? ""
  }

  static func call(_ id: Int, _ method: String, _ params: String = "{}") -> String {
    #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params)}"#
  }
}

struct RawResponse: Sendable {
  var status: Int
  var headers: [String: String]
  var body: String
}

/// A plain socket: what is tested must not hide behind a client library.
final class RawConnection: Sendable {
  let socket: Int32

  init(port: Int) {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var timeout = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  func close() { Glibc.close(socket) }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  func send(_ method: String, _ path: String, _ headers: [String], _ body: String?) {
    var lines = ["\(method) \(path) HTTP/1.1"]
    if !headers.contains(where: { $0.lowercased().hasPrefix("host:") }) {
      lines.append("Host: localhost")
    }
    lines += headers.filter { $0 != "Host:" }
    if let body, !headers.contains(where: { $0.lowercased().hasPrefix("content-length") }) {
      lines.append("Content-Length: \(body.utf8.count)")
    }
    send(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
  }

  func request(
    _ method: String, _ path: String, _ headers: [String] = [], _ body: String? = nil
  ) async -> RawResponse? {
    send(method, path, headers, body)
    return await response()
  }

  /// The next whole response; nil if the connection ends or nothing comes.
  func response() async -> RawResponse? {
    await onThread {
      var head = ""
      while !head.hasSuffix("\r\n\r\n") {
        guard let byte = self.byte() else { return nil }
        head.unicodeScalars.append(Unicode.Scalar(byte))
        if head == "HTTP/1.1 100 Continue\r\n\r\n" { head = "" }
      }
      var lines = head.components(separatedBy: "\r\n").filter { !$0.isEmpty }
      let status = Int(lines.removeFirst().split(separator: " ")[1]) ?? 0
      var headers: [String: String] = [:]
      for line in lines {
        let parts = line.split(separator: ":", maxSplits: 1)
        headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
      }
      var body: [UInt8] = []
      if let length = headers["content-length"].flatMap({ Int($0) }) {
        while body.count < length, let byte = self.byte() { body.append(byte) }
      } else if headers["transfer-encoding"] == "chunked" {
        while let size = self.line().flatMap({ Int($0, radix: 16) }) {
          var chunk: [UInt8] = []
          while chunk.count < size, let byte = self.byte() { chunk.append(byte) }
          _ = self.line()
          body += chunk
          if size == 0 { break }
        }
      }
      return RawResponse(
        status: status, headers: headers, body: String(decoding: body, as: UTF8.self))
    }
  }

  /// Reads until `text` has come; what was read.
  func read(until text: String) async -> String {
    await onThread {
      var all = ""
      while !all.contains(text), let byte = self.byte() {
        all.unicodeScalars.append(Unicode.Scalar(byte))
      }
      return all
    }
  }

  /// Reads so many bytes, with a pause before each step; how many came.
  func read(_ count: Int, inStepsOf step: Int, each pause: TimeInterval) async -> Int {
    await onThread {
      var buffer = [UInt8](repeating: 0, count: step)
      var found = 0
      while found < count {
        Thread.sleep(forTimeInterval: pause)
        let more = recv(self.socket, &buffer, min(step, count - found), Int32(MSG_WAITALL))
        guard more > 0 else { break }
        found += more
      }
      return found
    }
  }

  /// Whether the other side closes within the receive time.
  func isClosedByPeer() async -> Bool {
    await onThread {
      while true {
        var byte: UInt8 = 0
        let count = recv(self.socket, &byte, 1, 0)
        if count == 1 { continue }
        // ENOTCONN: it was refused, so there is nothing left of it either.
        return count == 0 || errno == ECONNRESET || errno == ENOTCONN
      }
    }
  }

  private func line() -> String? {
    var line = ""
    while let byte = byte() {
      line.unicodeScalars.append(Unicode.Scalar(byte))
      if line.hasSuffix("\r\n") { return String(line.dropLast(1)) }
    }
    return nil
  }

  private func byte() -> UInt8? {
    var byte: UInt8 = 0
    return recv(socket, &byte, 1, 0) == 1 ? byte : nil
  }

  private func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: work()) }
    }
  }
}
