import Dispatch
import Synchronization
import Wire

/// Writes records, one after the other, each before the answer that it is about leaves.
///
/// Writing takes place on the thread of the call: one lock, one hash, one call of the system. What
/// may take longer (signing, making the file last, going on to another file) a queue does behind it.
public final class AuditLog: Sendable {
  /// What happens to a call that cannot be recorded.
  public enum OnError: String, Sendable, Hashable, CaseIterable { case deny, allow }

  /// When it is signed, and when it goes on in another file.
  public struct Limits: Sendable, Hashable {
    public var maximumSize = 64 << 20
    public var maximumAge = Duration.seconds(24 * 3_600)
    var checkpointCount = 1_000
    var checkpointInterval = Duration.seconds(10)

    public init() {}
  }

  /// A record could not be written, and the operator did not say that calls go on without.
  struct NotWritten: Error {}

  private struct State {
    var storage: any LogStorage
    var head: ChainHead
    var line: [UInt8] = []
    /// Records after the last checkpoint.
    var unsigned = 0
    var isTimed = false
    var outage: Outage?
    var fileBegan = ContinuousClock.now
    /// The present file has no first record yet.
    var isUnnamed = false
    var isClosed = false
    var lastPath: String?

    var path: String? { storage.file?.path ?? lastPath }

    mutating func close() {
      lastPath = storage.file?.path
      storage.close()
    }

    mutating func write(_ text: RecordText) throws(WriteFailure) {
      let next = head.sealing(text, at: .now, into: &line)
      try storage.append(line)
      head = next
      unsigned += 1
    }

    mutating func sign(
      _ log: LogID, _ keys: AuditKeys, _ reason: Checkpoint.Reason
    ) throws(WriteFailure) {
      var text = RecordText(type: .checkpoint)
      text.add("log", log.description)
      text.add("reason", reason.rawValue)
      text.add("records", unsigned)
      let next: ChainHead
      do { next = try head.sealing(text, at: .now, signedBy: keys.signing, into: &line) } catch {
        throw WriteFailure(message: "it cannot be signed: \(error)")
      }
      try storage.append(line)
      head = next
      unsigned = 0
    }
  }

  let log: LogID
  private let place: LogPlace
  private let keys: AuditKeys
  private let opening: OpeningFacts
  private let limits: Limits
  private let onError: OnError
  private let anchor: HeadAnchor
  private let report: @Sendable (String) -> Void
  private let state: Mutex<State>
  private let queue = DispatchQueue(label: "gateway.audit")

  init(
    _ storage: sending any LogStorage, _ head: ChainHead, log: LogID, at place: LogPlace,
    keys: AuditKeys, opening: OpeningFacts, limits: Limits = Limits(), onError: OnError = .deny,
    anchor: HeadAnchor, report: @escaping @Sendable (String) -> Void
  ) {
    self.log = log
    self.place = place
    self.keys = keys
    self.opening = opening
    self.limits = limits
    self.onError = onError
    self.anchor = anchor
    self.report = report
    state = Mutex(State(storage: storage, head: head))
  }

  /// Opens the log at a place, or begins one; notes there what a crash had left.
  public static func open(
    _ place: LogPlace, keys: AuditKeys, opening: OpeningFacts, limits: Limits, onError: OnError,
    headsFolder: String, report: @escaping @Sendable (String) -> Void
  ) throws(Problem) -> AuditLog {
    let anchor = HeadAnchor(folder: headsFolder)
    var search = LogOpening(place, anchor)
    let found = try search.open()
    for finding in search.findings { report("! audit: \(finding)") }
    let log = AuditLog(
      found.storage, found.head, log: found.storage.log, at: place, keys: keys, opening: opening,
      limits: limits, onError: onError, anchor: anchor, report: report)
    do throws(WriteFailure) { try log.begin(after: found.torn) } catch {
      throw Problem(source: place.path, "the audit log cannot be written: \(error.message)")
    }
    if let torn = found.torn {
      report("! audit: half a line of \(torn.bytes) bytes, left by a crash, was cut off and noted")
    }
    return log
  }

  private func begin(after torn: LogTail.Torn?) throws(WriteFailure) {
    try state.withLock { state throws(WriteFailure) in
      // The first record of a file names the log; only then can others follow.
      try state.write(opening.record(log, keys, reason: .start))
      if let torn {
        var text = RecordText(type: .recovered)
        text.add("bytes", torn.bytes)
        text.add("digest", torn.digest)
        try state.write(text)
      }
      timeCheckpoint(&state)
    }
  }

  // MARK: Records

  /// Writes a record. Throws if it could not be written and the operator wants no call without one.
  func append(_ text: RecordText) throws(NotWritten) {
    let isWritten = state.withLock { state in
      guard !state.isClosed else { return false }
      do throws(WriteFailure) {
        try prepare(&state)
        // The queue may wait for a slow disk; whoever verifies wants a signature now and then.
        if state.unsigned >= 3 * limits.checkpointCount { try state.sign(log, keys, .count) }
        try state.write(text)
      } catch {
        note(error, &state)
        return onError == .allow
      }
      timeCheckpoint(&state)
      return true
    }
    guard isWritten else { throw NotWritten() }
  }

  /// Throws if a record could not be written now, as far as that is known: a log that failed is tried
  /// again first.
  func check() throws(NotWritten) {
    let isUsable = state.withLock { state in
      guard !state.isClosed else { return false }
      guard state.outage != nil || state.isUnnamed, onError == .deny else { return true }
      do throws(WriteFailure) { try prepare(&state) } catch { return false }
      return true
    }
    guard isUsable else { throw NotWritten() }
  }

  private func note(_ failure: WriteFailure, _ state: inout State) {
    if state.outage == nil {
      state.outage = Outage(since: .now, reason: failure.message)
      let consequence =
        onError == .deny
        ? "calls are refused until it can" : "calls go on WITHOUT a record (--audit-on-error=allow)"
      report("! audit: the log cannot be written: \(failure.message); \(consequence)")
    }
    state.outage?.calls += 1
  }

  /// Writes what must come before the next record: what the file is, and what is missing.
  private func prepare(_ state: inout State) throws(WriteFailure) {
    if state.isUnnamed {
      try state.write(opening.record(log, keys, reason: .rotation))
      state.isUnnamed = false
    }
    guard let outage = state.outage else { return }
    try state.write(outage.record(onError))
    state.outage = nil
    report("- audit: the log can be written again")
  }

  // MARK: Checkpoints

  private func timeCheckpoint(_ state: inout State) {
    if state.unsigned == limits.checkpointCount {
      queue.async { self.checkpoint(.count) }
    } else if !state.isTimed {
      state.isTimed = true
      let (seconds, attoseconds) = limits.checkpointInterval.components
      let milliseconds = Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
      queue.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { [weak self] in
        self?.checkpoint(.time)
      }
    }
  }

  /// Signs what is unsigned, goes on in another file if it is time to, and makes all of it last.
  /// Only on the queue.
  private func checkpoint(_ reason: Checkpoint.Reason) {
    let signed = state.withLock { state -> (line: [UInt8], file: OpenFile?)? in
      if reason == .time { state.isTimed = false }
      guard !state.isClosed, state.unsigned > 0 || reason == .end else { return nil }
      if reason == .end { state.isClosed = true }
      defer { if reason == .end { state.close() } }
      let isFull =
        state.storage.size >= limits.maximumSize || .now - state.fileBegan >= limits.maximumAge
      let rotates = isFull && reason != .end
      do throws(WriteFailure) {
        try prepare(&state)
        try state.sign(log, keys, rotates ? .rotation : reason)
      } catch {
        report("! audit: no checkpoint could be written: \(error.message)")
        return nil
      }
      let signed = (line: state.line, file: state.storage.file)
      if rotates { rotate(&state) }
      return signed
    }
    guard let signed else { return }
    do throws(Problem) {
      try signed.file?.synchronize()
      // Only what lasts is remembered: else a loss of power would look like a log that was cut.
      try anchor.remember(signed.line, of: log, at: place)
    } catch { report("! audit: \(error)") }
  }

  /// Where that fails, the log goes on in its file; the next checkpoint tries again.
  private func rotate(_ state: inout State) {
    do throws(WriteFailure) {
      try state.storage.rotate()
      state.fileBegan = .now
      state.isUnnamed = true
      try prepare(&state)
      timeCheckpoint(&state)
    } catch {
      report("! audit: the log cannot go on in another file: \(error.message)")
    }
  }

  /// Signs the log for the last time. Whatever comes later is refused.
  public func close() async {
    await withCheckedContinuation { continuation in
      queue.async {
        self.checkpoint(.end)
        continuation.resume()
      }
    }
  }

  /// Signs what is unsigned, now.
  func checkpointNow() { queue.sync { checkpoint(.count) } }

  /// Where the log is now, for people.
  public var path: String { state.withLock { $0.path } ?? place.path }
}

/// A time in which no record could be written.
private struct Outage {
  let since: Timestamp
  let reason: String
  /// Calls whose record is missing.
  var calls = 0

  func record(_ onError: AuditLog.OnError) -> RecordText {
    var text = RecordText(type: .gap)
    text.add("since", since)
    text.add(onError == .deny ? "withheld" : "unrecorded", calls)
    text.add("reason", reason)
    return text
  }
}

/// What the first record of a gateway, and of a file, says.
public struct OpeningFacts: Sendable, Hashable {
  enum Reason: String { case start, rotation }

  var version: String
  var instance: String
  var transport: String
  var hasValues: Bool
  var onError: AuditLog.OnError

  public init(
    version: String, instance: String, transport: String, hasValues: Bool,
    onError: AuditLog.OnError
  ) {
    self.version = version
    self.instance = instance
    self.transport = transport
    self.hasValues = hasValues
    self.onError = onError
  }

  func record(_ log: LogID, _ keys: AuditKeys, reason: Reason) -> RecordText {
    var text = RecordText(type: .open)
    text.add("log", log.description)
    text.add("reason", reason.rawValue)
    text.add("key", keys.publicText)
    text.add("gateway", version)
    text.add("instance", instance)
    text.add("transport", transport)
    text.add("values", hasValues)
    text.add("on_error", onError.rawValue)
    return text
  }
}
