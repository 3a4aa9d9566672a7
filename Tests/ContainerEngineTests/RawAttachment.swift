import Foundation

/// The plainest way to a container's streams: one blocking socket. What our way costs is measured
/// against it.
final class RawAttachment {
  private let descriptor: Int32
  private var buffer = [UInt8](repeating: 0, count: 65536)

  init?(id: String) {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) {
      $0.copyBytes(from: "/var/run/docker.sock".utf8)
    }
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard connected == 0 else { return nil }
    let request =
      "POST /v1.41/containers/\(id)/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\n"
      + "Host: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n"
    guard Array(request.utf8).withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) > 0,
      read() > 0
    else { return nil }
  }

  deinit { close(descriptor) }

  /// Sends a line and waits until as many bytes, with one frame header, have come back.
  func echo(_ line: [UInt8]) -> Bool {
    guard line.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == line.count else {
      return false
    }
    var count = 0
    while count < line.count + 8 {
      let received = read()
      if received <= 0 { return false }
      count += received
    }
    return count == line.count + 8
  }

  private func read() -> Int {
    buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
  }
}
