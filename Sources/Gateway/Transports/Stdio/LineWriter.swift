import Dispatch
import Glibc
import Synchronization

/// Writes whole lines to a descriptor, one after the other, whatever it is: pipe, file, terminal,
/// `/dev/null`, blocking or not.
///
/// A line is written at once by whoever brings it while the reader keeps up, which saves a thread
/// hop; else a thread of its own waits for the reader, never a cooperative one.
final class LineWriter: Sendable {
  /// Why nothing more can be written.
  enum Closure: Sendable, Equatable {
    /// The reader is gone (EPIPE): the usual end of a client.
    case readerGone
    case failed(errno: Int32)
    /// We gave up ourselves.
    case abandoned
  }

  private struct Waiting {
    var line: [UInt8]
    var written: Int
    let whenDone: @Sendable () -> Void
  }

  private struct State {
    var waiting: [Waiting] = []
    var isDraining = false
    var closure: Closure?
  }

  /// With room for one page a pipe takes this many bytes without blocking.
  private static let safeChunk = 4096
  /// Milliseconds after which a thread that waits looks whether we have given up.
  private static let patience: Int32 = 100

  private let descriptor: Int32
  private let onClose: @Sendable (Closure) -> Void
  private let state = Mutex(State())
  private let drainer = DispatchQueue(label: "gateway.stdio.writer")

  /// `onClose` is called once, when the first write fails.
  init(_ descriptor: Int32, onClose: @escaping @Sendable (Closure) -> Void) {
    self.descriptor = descriptor
    self.onClose = onClose
  }

  /// Why nothing more is written; nil while all is well.
  var closure: Closure? { state.withLock { $0.closure } }

  /// Writes `line` and its line end; returns when it is written, or can never be.
  func write(_ line: [UInt8]) async {
    await withCheckedContinuation { continuation in
      submit(line) { continuation.resume() }
    }
  }

  /// The same without waiting; `whenDone` is called when it is written, or can never be.
  ///
  /// Writes as much as goes without waiting and leaves the rest to the drainer. Both under one
  /// lock: no other line can come between the two parts.
  func submit(_ line: [UInt8], _ whenDone: @escaping @Sendable () -> Void) {
    let item = Waiting(line: line + [UInt8(ascii: "\n")], written: 0, whenDone: whenDone)
    let outcome = state.withLock { state in
      let outcome = Self.attempt(item, descriptor, state)
      switch outcome {
      case .mustWait(let item):
        state.waiting.append(item)
        state.isDraining = true
      case .closed(let closure): state.closure = state.closure ?? closure
      case .written: break
      }
      return outcome
    }
    switch outcome {
    case .mustWait: drainer.async { self.drain() }
    case .written: whenDone()
    case .closed(let closure):
      whenDone()
      if let closure { onClose(closure) }
    }
  }

  private enum Attempt {
    case written
    case mustWait(Waiting)
    /// With the reason if it is new.
    case closed(Closure?)
  }

  private static func attempt(_ item: Waiting, _ descriptor: Int32, _ state: State) -> Attempt {
    guard state.closure == nil else { return .closed(nil) }
    guard !state.isDraining else { return .mustWait(item) }
    var item = item
    while item.written < item.line.count {
      guard isWritable(descriptor, waiting: false) else { return .mustWait(item) }
      switch writeOnce(descriptor, item.line[item.written...].prefix(safeChunk)) {
      case .success(let count): item.written += count
      case .failure(let closure): return .closed(closure)
      }
    }
    return .written
  }

  private func drain() {
    while let item = next() {
      let closure = writeWaiting(item)
      item.whenDone()
      if let closure { close(closure) }
    }
  }

  private func next() -> Waiting? {
    state.withLock { state in
      guard let first = state.waiting.first else {
        state.isDraining = false
        return nil
      }
      state.waiting.removeFirst()
      return first
    }
  }

  private func writeWaiting(_ item: Waiting) -> Closure? {
    var written = item.written
    while written < item.line.count && closure == nil {
      guard Self.isWritable(descriptor, waiting: true) else { continue }
      switch Self.writeOnce(descriptor, item.line[written...].prefix(Self.safeChunk)) {
      case .success(let count): written += count
      case .failure(let closure): return closure
      }
    }
    return nil
  }

  /// Gives up on a reader that does not read: what waits is dropped, and everybody who waits goes
  /// on.
  func abandon() { close(.abandoned) }

  /// Returns when no thread of ours touches the descriptor any more; after ``abandon()`` soon.
  func settle() async {
    await withCheckedContinuation { continuation in
      drainer.async { continuation.resume() }
    }
  }

  private func close(_ closure: Closure) {
    let (isNew, dropped) = state.withLock { state -> (Bool, [Waiting]) in
      defer {
        state.closure = state.closure ?? closure
        state.waiting = []
      }
      return (state.closure == nil, state.waiting)
    }
    for item in dropped { item.whenDone() }
    if isNew { onClose(closure) }
  }

  private static func isWritable(_ descriptor: Int32, waiting: Bool) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    // An error condition is "writable" too: the write then says which.
    return unsafe poll(&entry, 1, waiting ? patience : 0) > 0
  }

  /// Bytes written, 0 if the call should be repeated.
  private static func writeOnce(
    _ descriptor: Int32, _ bytes: ArraySlice<UInt8>
  ) -> Result<Int, Closure> {
    let count = unsafe bytes.withUnsafeBytes {
      unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
    }
    if count >= 0 { return .success(count) }
    switch errno {
    case EINTR, EAGAIN: return .success(0)
    case EPIPE: return .failure(.readerGone)
    case let code: return .failure(.failed(errno: code))
    }
  }
}

extension LineWriter.Closure: Error {}
