import CHyperscan
import Synchronization

/// Finds any of many literals in one pass: the only place that talks to libhs, and the only file
/// of this module with unsafe lines.
@safe final class LiteralMatcher: Sendable {
  struct Literal: Hashable {
    let bytes: [UInt8]
    var ignoresCase = false
  }

  /// A literal's number and the position behind its last byte.
  struct Hit {
    let literal: Int
    let end: Int
  }

  /// Shared by all scans: libhs only reads a database once it is compiled ("Threading and
  /// concurrency" of its manual), it is freed when nobody holds this object any more, and nothing
  /// else has the pointer. What a scan writes to is the scratch space, which the pool lends to one at
  /// a time.
  nonisolated(unsafe) private let database: OpaquePointer?
  private let pool: ScratchPool

  init(_ literals: [Literal]) throws(DetectorProblem) {
    guard !literals.isEmpty else {
      unsafe database = nil
      pool = unsafe ScratchPool(nil)
      return
    }
    let compiled = try unsafe Self.compile(literals)
    var scratch: OpaquePointer?
    let status = unsafe hs_alloc_scratch(compiled, &scratch)
    guard status == HS_SUCCESS else {
      unsafe hs_free_database(compiled)
      throw .engine("no scratch space (error \(status))")
    }
    unsafe database = compiled
    pool = unsafe ScratchPool(scratch)
  }

  deinit {
    if let database = unsafe database { unsafe hs_free_database(database) }
  }

  private static func compile(_ literals: [Literal]) throws(DetectorProblem) -> OpaquePointer {
    let text = literals.flatMap(\.bytes).map { CChar(bitPattern: $0) }
    let lengths = literals.map(\.bytes.count)
    let flags = literals.map { UInt32($0.ignoresCase ? HS_FLAG_CASELESS : 0) }
    let numbers = literals.indices.map { UInt32($0) }
    var compiled: OpaquePointer?
    var problem: UnsafeMutablePointer<hs_compile_error_t>?
    let status = unsafe text.withUnsafeBufferPointer { text in
      var at = 0
      let starts = unsafe lengths.map { length -> UnsafePointer<CChar>? in
        defer { at += length }
        return unsafe text.baseAddress.map { unsafe $0 + at }
      }
      return unsafe hs_compile_lit_multi(
        starts, flags, numbers, lengths, UInt32(literals.count), UInt32(HS_MODE_BLOCK), nil,
        &compiled, &problem)
    }
    defer { unsafe hs_free_compile_error(problem) }
    guard status == HS_SUCCESS, let compiled = unsafe compiled else {
      // The number only: the message of libhs may quote a literal, and literals may be secrets.
      throw .engine("error \(status)")
    }
    return unsafe compiled
  }

  /// Collects the hits of one scan for the C callback.
  private struct Collector {
    var hits: [Hit] = []
    let limit: Int
  }

  /// All hits in the order of their ends.
  func hits(in bytes: [UInt8], limit: Int) throws(ScanFailure) -> [Hit] {
    guard let database = unsafe database, !bytes.isEmpty else { return [] }
    guard let length = UInt32(exactly: bytes.count) else { throw .overLimit(.size) }
    let scratch = try unsafe pool.take()
    defer { unsafe pool.giveBack(scratch) }
    var collector = Collector(limit: limit)
    let status = unsafe withUnsafeMutablePointer(to: &collector) { collector in
      unsafe bytes.withUnsafeBytes { bytes in
        unsafe hs_scan(
          database, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), length, 0, scratch,
          { number, _, end, _, context in
            guard let collector = unsafe context?.assumingMemoryBound(to: Collector.self)
            else { return 1 }
            unsafe collector.pointee.hits.append(Hit(literal: Int(number), end: Int(end)))
            return unsafe collector.pointee.hits.count > collector.pointee.limit ? 1 : 0
          }, collector)
      }
    }
    if status == HS_SCAN_TERMINATED { throw .overLimit(.candidates) }
    guard status == HS_SUCCESS else { throw .engine(status) }
    return collector.hits
  }
}

/// Working memory of scans: as many pieces as there have been scans at one time, a few kept.
@safe private final class ScratchPool: Sendable {
  private static let kept = 16
  /// Never scanned with, only copied, which reads it (`hs_clone_scratch` takes it as const).
  nonisolated(unsafe) private let original: OpaquePointer?
  /// Addresses: each is here or with one scan, never both.
  private let idle = Mutex<[UInt]>([])

  init(_ original: OpaquePointer?) {
    unsafe self.original = original
  }

  deinit {
    let idle = idle.withLock { $0 }
    for address in idle { unsafe hs_free_scratch(OpaquePointer(bitPattern: address)) }
    if let original = unsafe original { unsafe hs_free_scratch(original) }
  }

  func take() throws(ScanFailure) -> OpaquePointer {
    let address = idle.withLock { $0.popLast() }
    if let address, let scratch = unsafe OpaquePointer(bitPattern: address) {
      return unsafe scratch
    }
    var copy: OpaquePointer?
    let status = unsafe hs_clone_scratch(original, &copy)
    guard status == HS_SUCCESS, let copy = unsafe copy else { throw .engine(status) }
    return unsafe copy
  }

  func giveBack(_ scratch: OpaquePointer) {
    let isKept = idle.withLock { idle in
      guard idle.count < Self.kept else { return false }
      idle.append(UInt(bitPattern: scratch))
      return true
    }
    if !isKept { unsafe hs_free_scratch(scratch) }
  }
}
