import Interceptors
import Synchronization
import Wire

/// Has every call, and every request that was turned away, written to the audit log before its answer
/// leaves; where that cannot be, the call is refused.
public final class AuditJournal: CallJournal {
  private let log: AuditLog
  private let transport: String
  private let digest: KeyedDigest
  /// Nil: records hold no values. Which secrets there are changes with the operator's files.
  private let values: Mutex<RecordedValues?>

  public init(_ log: AuditLog, _ keys: AuditKeys, transport: String) {
    self.log = log
    self.transport = transport
    digest = keys.digest(for: log.log)
    values = Mutex(nil)
  }

  /// From now on records hold values, but for those that `values` replaces.
  public func record(_ values: RecordedValues) { self.values.withLock { $0 = values } }

  private var record: CallRecord {
    CallRecord(transport: transport, digest: digest, values: values.withLock { $0 })
  }

  public func began(_ call: Call) throws {
    do throws(AuditLog.NotWritten) { try log.check() } catch {
      throw Refusal(
        .notRecorded, rule: "audit",
        message: "the audit log cannot be written, so the call is not made")
    }
  }

  public func ended(_ call: Call, _ trail: CallTrail, _ outcome: CallOutcome) throws {
    do throws(AuditLog.NotWritten) { try log.append(record.text(call, trail, outcome)) } catch {
      throw Refusal(
        .notRecorded, rule: "audit",
        message: "the audit log cannot be written, so the answer is withheld")
    }
  }

  public func asked(_ ask: AskRecord) throws {
    do throws(AuditLog.NotWritten) { try log.append(record.text(ask)) } catch {
      throw Refusal(
        .notRecorded, rule: "audit",
        message: "the audit log cannot be written, so the client's answer is withheld")
    }
  }

  /// It is refused anyway; that it could not be recorded is said by the log itself.
  public func turnedAway(_ request: TurnedAway) {
    try? log.append(record.text(request))
  }
}
