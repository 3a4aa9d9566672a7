import Dispatch
import Glibc
import Interceptors
import Synchronization

/// The line of calls before a program that is started once, gets one line of JSON for each of them,
/// and answers with one. A call that takes too long costs the program its life, and the next call gets
/// a new one.
final class PersistentLine: Sendable {
  static let mostWaiting = 512

  private typealias Answer = CheckedContinuation<Result<[UInt8], HookFailure>, Never>

  private struct Waiting {
    let number: Int
    let request: HookRequest
    /// Nil once the caller has gone; the program's answer is awaited all the same.
    var answer: Answer?
  }

  private struct State {
    var nextNumber = 0
    var queue: [Waiting] = []
    /// What the program is working on.
    var current: Waiting?
    /// Of the current line, what its pipe has not taken yet.
    var unsent: ArraySlice<UInt8> = []
    var run: ConfinedRun?
    var hasThread = false
    var isClosed = false
  }

  private let program: ConfinedProgram
  private let onErrorLine: @Sendable (String) -> Void
  private let state = Mutex(State())
  private let ending = ThreadEnd()

  init(_ program: ConfinedProgram, _ onErrorLine: @escaping @Sendable (String) -> Void) {
    self.program = program
    self.onErrorLine = onErrorLine
  }

  func run(_ request: HookRequest) async throws(HookFailure) -> [UInt8] {
    let tools = try tools.get()
    let number = state.withLock { state in
      state.nextNumber += 1
      return state.nextNumber
    }
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation {
        enqueue(Waiting(number: number, request: request, answer: $0), tools)
      }
    } onCancel: {
      leave(number)
    }
    return try outcome.get()
  }

  /// Returns when nothing of the program is left.
  func close() async {
    beginEnding()
    await program.close()
    if state.withLock({ $0.hasThread }) { await ending.wait() }
  }

  func beginEnding() {
    let abandoned = state.withLock { state in
      state.isClosed = true
      let abandoned = state.queue + (state.current.map { [$0] } ?? [])
      state.queue = []
      state.current = nil
      return abandoned
    }
    for waiting in abandoned { waiting.answer?.resume(returning: .failure(.cancelled)) }
    if case .success(let tools) = tools { tools.bell.ring() }
  }

  // MARK: The caller's side

  private struct Tools: Sendable {
    let bell: Bell
    let alarm: Alarm
  }

  private let tools: Result<Tools, HookFailure> = {
    do throws(SandboxProblem) { return .success(Tools(bell: try Bell(), alarm: try Alarm())) } catch
    {
      return .failure(HookFailure(error))
    }
  }()

  /// Where the program has nothing to do, it is asked right here, without waking our thread.
  private func enqueue(_ waiting: Waiting, _ tools: Tools) {
    enum Next {
      case refuse(HookFailure)
      case asked, wake, start
    }
    let next = state.withLock { state -> Next in
      if state.isClosed || Task.isCancelled { return .refuse(.cancelled) }
      guard state.queue.count < Self.mostWaiting else {
        return .refuse(HookFailure(.busy, "has more than \(Self.mostWaiting) calls waiting for it"))
      }
      state.queue.append(waiting)
      guard state.hasThread else {
        state.hasThread = true
        return .start
      }
      guard state.current == nil, state.run != nil else {
        return state.current == nil ? .wake : .asked
      }
      askNext(&state, tools)
      return state.unsent.isEmpty ? .asked : .wake
    }
    switch next {
    case .refuse(let failure): waiting.answer?.resume(returning: .failure(failure))
    case .asked: break
    case .wake: tools.bell.ring()
    case .start:
      DispatchQueue(label: "persistent hook").async { [self] in
        serve(tools)
        ending.set()
      }
    }
  }

  private func leave(_ number: Int) {
    let answer = state.withLock { state -> Answer? in
      if state.current?.number == number {
        defer { state.current?.answer = nil }
        return state.current?.answer
      }
      let index = state.queue.firstIndex { $0.number == number }
      return index.flatMap { state.queue.remove(at: $0).answer }
    }
    answer?.resume(returning: .failure(.cancelled))
  }

  /// Takes the next call from the line and writes as much of it as the pipe takes. Not while the
  /// program has written something that nobody asked for: our thread then ends it, and the call is
  /// for the next one.
  private func askNext(_ state: inout State, _ tools: Tools) {
    guard state.current == nil, let run = state.run, !state.queue.isEmpty, !Self.speaks(run) else {
      return
    }
    let next = state.queue.removeFirst()
    state.current = next
    state.unsent = Array(next.request.message.bytes + [UInt8(ascii: "\n")])[...]
    tools.alarm.set(next.request.deadline)
    send(&state)
  }

  private static func speaks(_ run: ConfinedRun) -> Bool {
    var entry = pollfd(fd: run.output, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&entry, 1, 0) > 0
  }

  /// Gives up calls whose time was over while they stood in line.
  private func refuseLate() {
    let late = state.withLock { state in
      let now = ContinuousClock.now
      let late = state.queue.filter { $0.request.deadline <= now }
      state.queue.removeAll { $0.request.deadline <= now }
      return late
    }
    for waiting in late { waiting.answer?.resume(returning: .failure(.timeout)) }
  }

  /// What cannot be written any more shows in how the program ends.
  private func send(_ state: inout State) {
    guard let input = state.run?.inputDescriptor else { return }
    let count = unsafe state.unsent.withUnsafeBytes {
      unsafe write(input, $0.baseAddress, $0.count)
    }
    if count > 0 { state.unsent = state.unsent.dropFirst(count) }
    if count < 0, errno != EAGAIN, errno != EINTR {
      state.unsent = []
      state.run?.end()
    }
  }

  // MARK: The thread

  private func serve(_ tools: Tools) {
    while let run = nextRun(tools) {
      let failure = PersistentConversation(
        run: run, bell: tools.bell, alarm: tools.alarm, onErrorLine: onErrorLine,
        hasUnsent: { [self] in state.withLock { !$0.unsent.isEmpty } },
        send: { [self] in state.withLock { send(&$0) } },
        expects: { [self] in state.withLock { $0.current?.request.largestOutput } },
        isLate: { [self] in
          state.withLock { $0.current.map { $0.request.deadline <= .now } ?? false }
        },
        isClosed: { [self] in state.withLock { $0.isClosed } },
        answer: { [self] in finishCurrent(.success($0), tools) },
        leave: { [self] in
          state.withLock { state in
            state.run = nil
            state.unsent = []
          }
        }
      ).hold()
      finishCurrent(.failure(failure), tools)
    }
  }

  /// Waits for a call, then starts the program; nil at the end.
  private func nextRun(_ tools: Tools) -> ConfinedRun? {
    while true {
      refuseLate()
      let (isClosed, isNeeded) = state.withLock { ($0.isClosed, !$0.queue.isEmpty) }
      if isClosed { return nil }
      guard isNeeded else {
        var entry = pollfd(fd: tools.bell.descriptor, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&entry, 1, -1)
        tools.bell.silence()
        continue
      }
      do throws(SandboxProblem) {
        let run = try program.start()
        state.withLock { state in
          state.run = run
          askNext(&state, tools)
        }
        return run
      } catch {
        let waiting = state.withLock { $0.queue.isEmpty ? nil : $0.queue.removeFirst() }
        waiting?.answer?.resume(returning: .failure(HookFailure(error)))
      }
    }
  }

  private func finishCurrent(_ outcome: Result<[UInt8], HookFailure>, _ tools: Tools) {
    let finished = state.withLock { state in
      let finished = state.current
      state.current = nil
      tools.alarm.set(nil)
      askNext(&state, tools)
      return finished
    }
    finished?.answer?.resume(returning: outcome)
  }
}

/// Set once; waited for without blocking a thread.
private final class ThreadEnd: Sendable {
  private let state = Mutex<(isSet: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

  func set() {
    let waiters = state.withLock { state in
      state.isSet = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  func wait() async {
    await withCheckedContinuation { continuation in
      let isSet = state.withLock { state in
        if !state.isSet { state.waiters.append(continuation) }
        return state.isSet
      }
      if isSet { continuation.resume() }
    }
  }
}
