import Glibc

/// One end of a connected pair of Unix sockets that keeps messages apart (SOCK_SEQPACKET), over which
/// descriptors travel too. Close-on-exec from its first moment.
struct Channel: Sendable {
  static let mostDescriptors = 4
  private static let longestMessage = 512
  /// SOL_SOCKET, SCM_RIGHTS behind the length: `struct cmsghdr` without its data.
  private static let headSize = 16

  let descriptor: CInt

  static func pair() throws(SandboxProblem) -> (Channel, Channel) {
    let ends = try socketPair(CInt(SOCK_SEQPACKET.rawValue))
    return (Channel(descriptor: ends.0), Channel(descriptor: ends.1))
  }

  /// Two connected sockets.
  static func socketPair(_ kind: CInt) throws(SandboxProblem) -> (CInt, CInt) {
    var ends: [CInt] = [-1, -1]
    guard unsafe socketpair(AF_UNIX, kind | CInt(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw .system("no pair of sockets")
    }
    return (ends[0], ends[1])
  }

  /// False if the other end has gone, or takes nothing.
  func send(_ text: String, _ descriptors: [CInt] = [], waits: Bool = true) -> Bool {
    var bytes = Array(text.utf8.prefix(Self.longestMessage))
    var control = Self.control(descriptors)
    return unsafe bytes.withUnsafeMutableBytes { bytes in
      unsafe control.withUnsafeMutableBytes { control in
        var part = unsafe iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
        return unsafe withUnsafeMutablePointer(to: &part) { part in
          var message = unsafe msghdr()
          unsafe message.msg_iov = part
          unsafe message.msg_iovlen = 1
          if !descriptors.isEmpty {
            unsafe message.msg_control = control.baseAddress
            unsafe message.msg_controllen = control.count
          }
          let flags = CInt(MSG_NOSIGNAL) | (waits ? 0 : CInt(MSG_DONTWAIT))
          var count: Int
          repeat {
            count = unsafe sendmsg(descriptor, &message, flags)
          } while count < 0 && errno == EINTR
          return count >= 0
        }
      }
    }
  }

  /// The next message with its descriptors; nil at the end.
  func receive() -> (text: String, descriptors: [CInt])? {
    var bytes = [UInt8](repeating: 0, count: Self.longestMessage)
    var control = Self.control([CInt](repeating: -1, count: Self.mostDescriptors))
    return unsafe bytes.withUnsafeMutableBytes { bytes in
      unsafe control.withUnsafeMutableBytes { control in
        var part = unsafe iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
        return unsafe withUnsafeMutablePointer(to: &part) { part in
          var message = unsafe msghdr()
          unsafe message.msg_iov = part
          unsafe message.msg_iovlen = 1
          unsafe message.msg_control = control.baseAddress
          unsafe message.msg_controllen = control.count
          var count: Int
          repeat {
            count = unsafe recvmsg(descriptor, &message, CInt(MSG_CMSG_CLOEXEC))
          } while count < 0 && errno == EINTR
          guard count > 0 else { return nil }
          let received = unsafe Self.descriptors(in: control, of: Int(message.msg_controllen))
          let text = unsafe String(decoding: bytes.prefix(count), as: UTF8.self)
          return (text, received)
        }
      }
    }
  }

  func close() { Glibc.close(descriptor) }

  /// A header with these descriptors, as the macros of `sys/socket.h` would build it on 64 bits.
  private static func control(_ descriptors: [CInt]) -> [UInt8] {
    let length = headSize + 4 * descriptors.count
    var bytes: [UInt8] = []
    unsafe withUnsafeBytes(of: length) { unsafe bytes.append(contentsOf: $0) }
    for number in [SOL_SOCKET, CInt(SCM_RIGHTS)] + descriptors {
      unsafe withUnsafeBytes(of: number) { unsafe bytes.append(contentsOf: $0) }
    }
    while bytes.count % 8 != 0 { bytes.append(0) }
    return bytes
  }

  private static func descriptors(
    in control: UnsafeMutableRawBufferPointer, of length: Int
  ) -> [CInt] {
    guard length > headSize, length <= control.count else { return [] }
    let end = min(unsafe control.loadUnaligned(fromByteOffset: 0, as: Int.self), length)
    return stride(from: headSize, to: max(headSize, end - 3), by: 4).map {
      unsafe control.loadUnaligned(fromByteOffset: $0, as: CInt.self)
    }
  }
}
