import NIOCore
import NIOPosix

/// Runs tasks on an event loop.
///
/// A call over stdio touches one client and, most often, one server. With its tasks on the loop that
/// owns the server's socket it changes threads twice instead of five times, which is most of what a
/// small call costs. Nothing that runs there may block.
final class LoopExecutor: TaskExecutor {
  let loop: any EventLoop

  init(_ loop: any EventLoop) { self.loop = loop }

  /// Of the loop on whose thread this runs; nil on every other thread.
  static var current: LoopExecutor? {
    MultiThreadedEventLoopGroup.currentEventLoop.map(LoopExecutor.init)
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    loop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
