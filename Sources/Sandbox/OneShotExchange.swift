import Glibc
import Interceptors

/// One run of a hook's program for one call: the message in, the answer out. Blocks its thread.
struct OneShotExchange {
  /// How long the end of what was told to end is waited for.
  private static let longestEnding = Duration.seconds(2)

  let run: ConfinedRun
  let request: HookRequest
  /// Becomes readable when the call is cancelled.
  let cancellation: CInt
  let onErrorLine: (String) -> Void

  func perform() throws(HookFailure) -> [UInt8] {
    var pending = Array(request.message.bytes + [UInt8(ascii: "\n")])[...]
    var output: [UInt8] = []
    var complaints = ComplaintLines(onErrorLine)
    defer { complaints.flush() }
    var isOpen = (output: true, errors: true)
    var ending: RunEnding?
    while ending == nil || isOpen.output {
      let left = request.deadline - .now
      guard left > .zero else { throw stop(.timeout) }
      var entries = [
        pollfd(
          fd: pending.isEmpty ? -1 : run.inputDescriptor ?? -1, events: Int16(POLLOUT), revents: 0),
        pollfd(fd: isOpen.output ? run.output : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: isOpen.errors ? run.errors : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: ending == nil ? run.leash : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: cancellation, events: Int16(POLLIN), revents: 0),
      ]
      let ready = unsafe poll(&entries, nfds_t(entries.count), left.pollMilliseconds)
      guard ready >= 0 || errno == EINTR else { throw stop(.system("cannot be waited for")) }
      if entries[4].revents != 0 { throw stop(.cancelled) }
      if entries[0].revents != 0 { write(&pending) }
      if entries[1].revents != 0 {
        switch Reading(from: run.output) {
        case .bytes(let bytes): output += bytes
        case .nothingYet: break
        case .end: isOpen.output = false
        }
        if output.count > request.largestOutput {
          throw stop(.outputTooLarge(request.largestOutput))
        }
      }
      if entries[2].revents != 0 { isOpen.errors = Self.read(run.errors, into: &complaints) }
      if entries[3].revents != 0 { ending = Self.ending(run.leash) }
    }
    while isOpen.errors, case .bytes(let bytes) = Reading(from: run.errors) {
      complaints.append(bytes)
    }
    if let failure = ending?.failure { throw failure }
    return output
  }

  /// A hook need not read what it is shown: one that has ended, or closed its input, is judged by what
  /// it says.
  private func write(_ pending: inout ArraySlice<UInt8>) {
    guard let input = run.inputDescriptor else {
      pending = []
      return
    }
    let count = unsafe pending.withUnsafeBytes {
      unsafe Glibc.write(input, $0.baseAddress, $0.count)
    }
    if count > 0 { pending = pending.dropFirst(count) }
    if count < 0, errno != EINTR, errno != EAGAIN { pending = [] }
    if pending.isEmpty { run.closeInput() }
  }

  /// False at the end.
  private static func read(_ descriptor: CInt, into lines: inout ComplaintLines) -> Bool {
    switch Reading(from: descriptor) {
    case .bytes(let bytes): lines.append(bytes)
    case .nothingYet: break
    case .end: return false
    }
    return true
  }

  /// A minder that says nothing was killed, and the program with it.
  static func ending(_ leash: CInt) -> RunEnding {
    guard case .bytes(let bytes) = Reading(from: leash) else {
      return .killed(bySignal: Int(SIGKILL))
    }
    return RunEnding(String(decoding: bytes, as: UTF8.self)) ?? .stopped
  }

  /// Ends the run, waits until nothing of it is left, and says why.
  private func stop(_ failure: HookFailure) -> HookFailure {
    run.end()
    let deadline = ContinuousClock.now + Self.longestEnding
    while deadline > .now {
      var entry = pollfd(fd: run.leash, events: Int16(POLLIN), revents: 0)
      let ready = unsafe poll(&entry, 1, (deadline - .now).pollMilliseconds)
      if ready > 0 { break }
    }
    return failure
  }
}

extension RunEnding {
  /// Nil for success.
  var failure: HookFailure? {
    switch self {
    case .exited(0): nil
    case .exited(let status): .exitStatus(status)
    case .killed(let signal): .killed(bySignal: signal)
    case .stopped: HookFailure(.killed, "was ended")
    case .tooManyProcesses:
      HookFailure(
        .killed, "was ended because it started more than \(Minder.mostProcesses) processes")
    case .notStarted: HookFailure(.cannotStart, "could not be started")
    }
  }
}

extension HookFailure {
  static func system(_ what: String) -> HookFailure {
    HookFailure(.cannotStart, what, detail: unsafe String(cString: strerror(errno)))
  }
}

extension Duration {
  /// Rounded up, so that nothing is looked for before its time; at most a minute.
  var pollMilliseconds: CInt {
    let (seconds, attoseconds) = components
    guard seconds < 60 else { return 60_000 }
    return CInt(clamping: max(0, seconds * 1_000 + attoseconds / 1_000_000_000_000_000 + 1))
  }
}
