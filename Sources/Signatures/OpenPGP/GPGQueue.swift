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

  static func run(_ item: DispatchWorkItem, after duration: Duration) {
    let left = duration.components
    queue.asyncAfter(
      deadline: .now() + .milliseconds(Int(left.seconds) * 1000 + 1), execute: item)
  }
}
