import Dispatch
import Glibc
import Synchronization
import Wire

/// Turns a host name into addresses, all of them, in the order in which to try them.
protocol HostResolver: Sendable {
  /// Throws ``ResolutionFailure`` where there are none, `CancellationError` when cancelled.
  func addresses(of name: String) async throws -> [IPAddress]
}

struct ResolutionFailure: Error, Sendable, Hashable {
  let reason: String
}

/// The system's resolver (`getaddrinfo`): /etc/hosts, DNS, and the order of RFC 6724.
struct SystemResolver: HostResolver {
  /// `getaddrinfo` blocks, for half a minute with a dead DNS server: never on a cooperative thread.
  private static let queue = DispatchQueue(label: "gateway.resolver", attributes: .concurrent)

  func addresses(of name: String) async throws -> [IPAddress] {
    let waiting = Waiting()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        waiting.begin(continuation)
        Self.queue.async { waiting.end(Result { try Self.lookUp(name) }) }
      }
    } onCancel: {
      waiting.end(.failure(CancellationError()))
    }
  }

  /// A caller who may leave before the blocking call returns.
  private final class Waiting: Sendable {
    private enum State {
      case notYet
      case waiting(CheckedContinuation<[IPAddress], any Error>)
      case over
    }
    private let state = Mutex(State.notYet)

    func begin(_ continuation: CheckedContinuation<[IPAddress], any Error>) {
      let isCancelled = state.withLock { state in
        if case .over = state { return true }
        state = .waiting(continuation)
        return false
      }
      if isCancelled { continuation.resume(throwing: CancellationError()) }
    }

    func end(_ result: Result<[IPAddress], any Error>) {
      let continuation: CheckedContinuation<[IPAddress], any Error>? = state.withLock { state in
        defer { state = .over }
        guard case .waiting(let continuation) = state else { return nil }
        return continuation
      }
      continuation?.resume(with: result)
    }
  }

  private static func lookUp(_ name: String) throws -> [IPAddress] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(name, nil, &hints, &list)
    guard status == 0 else {
      throw ResolutionFailure(reason: unsafe String(cString: gai_strerror(status)))
    }
    defer { unsafe freeaddrinfo(list) }
    var found: [IPAddress] = []
    var next = unsafe list
    while let entry = unsafe next {
      if let address = unsafe address(in: entry.pointee), !found.contains(address) {
        found.append(address)
      }
      unsafe next = entry.pointee.ai_next
    }
    return found
  }

  private static func address(in entry: addrinfo) -> IPAddress? {
    guard let bytes = unsafe UnsafeRawPointer(entry.ai_addr) else { return nil }
    switch unsafe (entry.ai_family, Int(entry.ai_addrlen)) {
    case (AF_INET, MemoryLayout<sockaddr_in>.size...):
      let raw = unsafe bytes.load(as: sockaddr_in.self).sin_addr.s_addr
      return IPAddress(v4: UInt32(bigEndian: raw))
    case (AF_INET6, MemoryLayout<sockaddr_in6>.size...):
      let offset = MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr) ?? 8
      let raw = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt128.self)
      return IPAddress(v6: UInt128(bigEndian: raw))
    default: return nil
    }
  }
}
