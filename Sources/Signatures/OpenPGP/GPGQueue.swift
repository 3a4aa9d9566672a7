import Dispatch

/// Threads for libgpgme: its calls wait for a gpg process, and a cooperative thread must not.
enum GPGQueue {
  private static let queue = DispatchQueue(
    label: "gateway.signatures.gpg", attributes: .concurrent)

  static func run<Value: Sendable>(
    _ work: @escaping @Sendable () throws(Rejection) -> Value
  ) async throws(Rejection) -> Value {
    let result: Result<Value, Rejection> = await withCheckedContinuation { continuation in
      queue.async {
        do throws(Rejection) { continuation.resume(returning: .success(try work())) } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    return try result.get()
  }

  /// Runs `work` on a context and cancels it at the deadline. Blocking.
  static func withContext<Value>(
    home: String, until deadline: Deadline,
    _ work: (GPGContext) throws(Rejection) -> Value
  ) throws(Rejection) -> Value {
    guard !deadline.isOver else { throw Rejection(.timeout, "no time is left for GnuPG") }
    let context = try GPGContext(home: home)
    let timer = DispatchWorkItem { [cancellation = context.cancellation] in cancellation.cancel() }
    let left = deadline.remaining.components
    queue.asyncAfter(
      deadline: .now() + .milliseconds(Int(left.seconds) * 1000 + 1), execute: timer)
    defer { timer.cancel() }
    return try work(context)
  }
}
