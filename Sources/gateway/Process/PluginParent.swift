import Dispatch
import Gateway
import Glibc

/// The docker CLI that started us as its plugin.
///
/// It does not pass signals on. A newer one names a socket and closes it when we shall end (or when
/// it is killed); an older one leaves us alone with nobody, which only our parent's pid tells.
enum PluginParent {
  private static let socketVariable = "DOCKER_CLI_PLUGIN_SOCKET"
  private static let commandVariable = "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND"

  /// Finishes when the parent has gone; nil if there is none to watch.
  static func gone(_ variables: [String: String]) -> AsyncStream<Never>? {
    if let name = variables[socketVariable], let socket = connect(to: name) {
      return whenClosed(socket)
    }
    return variables[commandVariable] == nil ? nil : whenOrphaned(of: getppid())
  }

  private static func whenClosed(_ socket: CInt) -> AsyncStream<Never> {
    let (stream, continuation) = AsyncStream<Never>.makeStream()
    // A thread of its own: the read waits for as long as the gateway runs.
    DispatchQueue(label: "docker plugin socket").async {
      var byte: UInt8 = 0
      var count: Int
      repeat {
        count = unsafe read(socket, &byte, 1)
      } while count > 0 || (count < 0 && errno == EINTR)
      close(socket)
      continuation.finish()
    }
    return stream
  }

  /// A parent-death signal would do without waking up, but it is bound to the thread that started
  /// us, and docker's threads come and go.
  private static func whenOrphaned(of parent: pid_t) -> AsyncStream<Never> {
    let (stream, continuation) = AsyncStream<Never>.makeStream()
    let watch = Task {
      while getppid() == parent {
        try await Task.sleep(for: .milliseconds(500))
      }
      continuation.finish()
    }
    continuation.onTermination = { _ in watch.cancel() }
    return stream
  }

  /// A leading `@` stands for the NUL byte of an abstract address, whose length then counts.
  private static func connect(to name: String) -> CInt? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var path = Array(name.utf8)
    let isAbstract = path.first == UInt8(ascii: "@")
    if isAbstract { path[0] = 0 }
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard !path.isEmpty, path.count < room else { return nil }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
    let length = MemoryLayout<sa_family_t>.size + path.count + (isAbstract ? 0 : 1)

    let socket = Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return nil }
    let status = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.connect(socket, $0, socklen_t(length))
      }
    }
    guard status == 0 else {
      close(socket)
      return nil
    }
    return socket
  }
}
