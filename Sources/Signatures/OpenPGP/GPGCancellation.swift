import CGPGME
import Synchronization

/// Ends the running operation of a context from another thread, which is the one thing that libgpgme
/// allows there (gpgme_cancel_async).
final class GPGCancellation: Sendable {
  /// As an address, which may go from thread to thread; used only under the lock, and never after
  /// ``end()``.
  private let context: Mutex<UInt>

  init(_ context: gpgme_ctx_t) {
    self.context = Mutex(UInt(bitPattern: context))
  }

  func cancel() {
    context.withLock { address in
      guard let context = unsafe gpgme_ctx_t(bitPattern: address) else { return }
      _ = unsafe gpgme_cancel_async(context)
    }
  }

  /// The context is about to be released.
  func end() { context.withLock { $0 = 0 } }
}
