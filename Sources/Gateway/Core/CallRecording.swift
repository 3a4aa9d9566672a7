import Audit
import Interceptors
import Wire

/// The audit log of one run of the gateway.
struct CallRecording: Sendable {
  let journal: AuditJournal
  private let log: AuditLog

  /// Nil if the operator turned it off. Throws a ``Problem`` if it cannot be written: a gateway that
  /// cannot keep its records does not start.
  static func open(
    _ settings: Settings, transport: String, instance: String, _ console: Console
  ) throws(Problem) -> CallRecording? {
    guard let place = settings.audit else {
      console.line("! Calls are not recorded (--audit=off)")
      return nil
    }
    let opening = OpeningFacts(
      version: Version.current, instance: instance, transport: transport,
      hasValues: settings.auditValues, onError: settings.auditOnError)
    let (keys, log): (AuditKeys, AuditLog)
    do throws(Problem) {
      keys = try AuditKeys.readOrMake(settings.stateFolder.keys)
      log = try AuditLog.open(
        place, keys: keys, opening: opening, limits: settings.auditLimits,
        onError: settings.auditOnError, headsFolder: settings.stateFolder.heads,
        report: console.line)
    } catch {
      var problem = error
      problem.hint =
        error.hint
        ?? "calls are recorded there; name another place with --audit, or set XDG_STATE_HOME"
      throw problem
    }
    console.line("- Calls are recorded in \(PrintableText(log.path, limit: 500))")
    if settings.auditOnError == .allow {
      console.line("! Calls go on when they cannot be recorded (--audit-on-error=allow)")
    }
    return CallRecording(journal: AuditJournal(log, keys, transport: transport), log: log)
  }

  /// What a run would do, for `--dry-run`.
  static func announce(_ settings: Settings, _ console: Console) {
    guard let place = settings.audit else {
      return console.line("! Calls would not be recorded (--audit=off)")
    }
    console.line("- Calls would be recorded in \(PrintableText(place.path, limit: 500))")
  }

  /// Says which values may stand in records, where values were asked for at all.
  func follow(_ generation: Generation) {
    if let values = generation.recordedValues { journal.record(values) }
  }

  func close() async { await log.close() }
}
