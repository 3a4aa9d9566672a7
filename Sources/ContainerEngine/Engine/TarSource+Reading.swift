import Glibc
import NIOCore
import NIOPosix

extension TarSource {
  private static let chunkSize = 256 << 10

  /// Reads files on the pool for blocking work, a chunk at a time, as fast as `write` takes them.
  func forEachChunk(_ write: (ByteBuffer) async throws -> Void) async throws {
    switch self {
    case .bytes(let bytes):
      var rest = ByteBuffer(bytes: bytes)
      while rest.readableBytes > 0,
        let chunk = rest.readSlice(length: min(Self.chunkSize, rest.readableBytes))
      {
        try await write(chunk)
      }
    case .file(let path):
      let file = try await NIOThreadPool.singleton.runIfActive { try OpenFile(path) }
      while let chunk = try await file.read(upTo: Self.chunkSize) { try await write(chunk) }
    }
  }
}

/// A file open for reading, closed with this object.
private final class OpenFile: Sendable {
  private let path: String
  private let descriptor: CInt

  init(_ path: String) throws {
    self.path = path
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.error(path) }
  }

  deinit { close(descriptor) }

  /// The next bytes; nil at the end.
  func read(upTo limit: Int) async throws -> ByteBuffer? {
    try await NIOThreadPool.singleton.runIfActive { [self] in
      var chunk = [UInt8](repeating: 0, count: limit)
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      guard count >= 0 else { throw Self.error(path) }
      return count == 0 ? nil : ByteBuffer(bytes: chunk.prefix(count))
    }
  }

  private static func error(_ path: String) -> EngineError {
    EngineError(.refused, "read \(path)", "the file cannot be read (errno \(errno))")
  }
}
