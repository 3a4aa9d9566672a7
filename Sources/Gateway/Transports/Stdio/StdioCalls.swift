import Dispatch
import Synchronization

/// The requests of a connection that run or wait to run.
///
/// Messages are begun in order by the reader; what takes time runs here, so many at a time. A burst
/// waits its turn without stopping the reader, because a cancellation may be the next line; the
/// queue is bounded by number and by bytes.
final class StdioCalls: Sendable {
  struct Limits: Sendable, Hashable {
    var running = 64
    var waiting = 1024
    var waitingBytes = 16 << 20
  }

  struct Work: Sendable {
    /// Cancels the task that does it; nil where the work has its own ways.
    var handle: CallHandle?
    let run: @Sendable () async -> Void
  }

  private struct State {
    var running: [Int: Task<Void, Never>] = [:]
    var waiting: [(work: Work, size: Int)] = []
    var waitingBytes = 0
    var nextNumber = 0
    var isEnded = false
    var whenIdle: [CheckedContinuation<Void, Never>] = []
    var whenRoom: [DispatchSemaphore] = []
  }

  let limits: Limits
  private let state = Mutex(State())

  private let executor: (any TaskExecutor)?

  /// - Parameter executor: where calls run; nil: on the cooperative threads.
  init(limits: Limits, executor: (any TaskExecutor)? = nil) {
    self.limits = limits
    self.executor = executor
  }

  /// Runs `work` now or when it is its turn. False if there is no room for it, whose request takes
  /// `size` bytes.
  func submit(size: Int, _ work: Work) -> Bool {
    state.withLock { admit(size, work, &$0) }
  }

  /// The same for a thread that may block: it waits for room.
  func submitBlocking(size: Int, _ work: Work) {
    let room = DispatchSemaphore(value: 0)
    while true {
      let isAdmitted = state.withLock { state in
        if admit(size, work, &state) { return true }
        state.whenRoom.append(room)
        return false
      }
      if isAdmitted { return }
      room.wait()
    }
  }

  private func admit(_ size: Int, _ work: Work, _ state: inout State) -> Bool {
    guard !state.isEnded else { return true }
    if state.running.count < limits.running {
      start(work, &state)
      return true
    }
    guard state.waiting.count < limits.waiting, state.waitingBytes + size <= limits.waitingBytes
    else { return false }
    state.waiting.append((work, size))
    state.waitingBytes += size
    return true
  }

  /// Returns when nothing runs or waits.
  func idle() async {
    await withCheckedContinuation { continuation in
      let isIdle = state.withLock { state in
        guard !state.running.isEmpty else { return true }
        state.whenIdle.append(continuation)
        return false
      }
      if isIdle { continuation.resume() }
    }
  }

  /// Cancels what runs and forgets what waits.
  func end() {
    let running = state.withLock { state in
      state.isEnded = true
      state.waiting = []
      wakeWaiters(&state)
      return Array(state.running.values)
    }
    for task in running { task.cancel() }
  }

  private func start(_ work: Work, _ state: inout State) {
    let number = state.nextNumber
    state.nextNumber += 1
    let task = Task(executorPreference: executor) {
      await work.run()
      self.finished(number)
    }
    state.running[number] = task
    work.handle?.adopt(task)
  }

  private func finished(_ number: Int) {
    let idlers = state.withLock { state in
      state.running[number] = nil
      if !state.waiting.isEmpty {
        let next = state.waiting.removeFirst()
        state.waitingBytes -= next.size
        start(next.work, &state)
        wakeWaiters(&state)
      }
      guard state.running.isEmpty else { return [CheckedContinuation<Void, Never>]() }
      defer { state.whenIdle = [] }
      return state.whenIdle
    }
    for idler in idlers { idler.resume() }
  }

  private func wakeWaiters(_ state: inout State) {
    for waiter in state.whenRoom { waiter.signal() }
    state.whenRoom = []
  }
}
