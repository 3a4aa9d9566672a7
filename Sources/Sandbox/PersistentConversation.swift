import Glibc
import Interceptors

/// What is said with one run of a persistent hook's program, until one of the two has to end it.
/// Blocks its thread.
struct PersistentConversation {
  let run: ConfinedRun
  let bell: Bell
  let alarm: Alarm
  let onErrorLine: (String) -> Void
  let hasUnsent: () -> Bool
  let send: () -> Void
  /// The longest answer to the call that is being judged; nil while there is none.
  let expects: () -> Int?
  /// Whether the time of the call that is being judged is over.
  let isLate: () -> Bool
  let isClosed: () -> Bool
  let answer: ([UInt8]) -> Void
  /// From here on nobody is asked in this conversation.
  let leave: () -> Void

  /// Returns when the program has ended, with what is to be said of the call that it leaves.
  func hold() -> HookFailure {
    var complaints = ComplaintLines(onErrorLine)
    let failure = converse(&complaints)
    leave()
    if failure == Self.unasked { onErrorLine("(\(failure.reason), and is started again)") }
    run.end()
    var entry = pollfd(fd: run.leash, events: Int16(POLLIN), revents: 0)
    _ = unsafe poll(&entry, 1, 2_000)
    while case .bytes(let bytes) = Reading(from: run.errors) { complaints.append(bytes) }
    complaints.flush()
    return failure
  }

  private func converse(_ complaints: inout ComplaintLines) -> HookFailure {
    var line: [UInt8] = []
    var isComplaining = true
    while true {
      let output: Int16 = hasUnsent() ? Int16(POLLOUT) : 0
      var entries = [
        pollfd(fd: run.output, events: Int16(POLLIN), revents: 0),
        pollfd(fd: isComplaining ? run.errors : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: run.leash, events: Int16(POLLIN), revents: 0),
        pollfd(fd: alarm.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: output == 0 ? -1 : run.inputDescriptor ?? -1, events: output, revents: 0),
      ]
      guard unsafe poll(&entries, nfds_t(entries.count), -1) >= 0 || errno == EINTR else {
        return .system("cannot be waited for")
      }
      if entries[4].revents != 0 {
        bell.silence()
        if isClosed() { return .cancelled }
      }
      if entries[5].revents != 0 { send() }
      if entries[1].revents != 0 {
        switch Reading(from: run.errors) {
        case .bytes(let bytes): complaints.append(bytes)
        case .nothingYet: break
        case .end: isComplaining = false
        }
      }
      if entries[0].revents != 0, let failure = read(into: &line) { return failure }
      if entries[2].revents != 0 { return ended(OneShotExchange.ending(run.leash)) }
      if entries[3].revents != 0, isLate() { return .timeout }
    }
  }

  /// Nil while all is well. Whoever speaks without having been asked cannot be understood any more:
  /// the next line would be taken for the answer to the next call.
  private func read(into line: inout [UInt8]) -> HookFailure? {
    // First this: a call may be asked while we read, and what is there already is not for it.
    let limit = expects()
    switch Reading(from: run.output) {
    case .nothingYet: return nil
    case .end: return ended(endingSoon())
    case .bytes(let bytes):
      guard let limit else { return Self.unasked }
      line += bytes
      guard let end = line.firstIndex(of: UInt8(ascii: "\n")) else {
        return line.count > limit ? .outputTooLarge(limit) : nil
      }
      guard end == line.count - 1 else {
        return .invalidOutput("it wrote more than one line for one call")
      }
      line.removeLast()
      guard line.count <= limit else { return .outputTooLarge(limit) }
      let answered = line
      line = []
      answer(answered)
      return nil
    }
  }

  private static let unasked = HookFailure(
    .ended, "was ended because it wrote without having been asked")

  /// A program that ends closes its output a moment before its minder knows how it ended; nil if it
  /// goes on.
  private func endingSoon() -> RunEnding? {
    var entry = pollfd(fd: run.leash, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&entry, 1, 500) > 0 ? OneShotExchange.ending(run.leash) : nil
  }

  private func ended(_ ending: RunEnding?) -> HookFailure {
    switch ending {
    case .exited(let status)?:
      HookFailure(.ended, "ended with exit status \(status) before it answered")
    case .killed(let signal)?:
      HookFailure(.ended, "was ended by signal \(signal) before it answered")
    case let ending?: ending.failure ?? HookFailure(.ended, "ended before it answered")
    case nil: HookFailure(.ended, "closed its output before it answered")
    }
  }
}
