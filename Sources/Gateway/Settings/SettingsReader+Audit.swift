import Audit
import Wire

extension SettingsReader {
  /// A file holds a few thousand calls at the least; a much larger one no editor opens.
  private static let fileSizes: ClosedRange<Int64> = 1 << 20...1 << 40
  private static let longestAge = Duration.seconds(366 * 24 * 3_600)

  mutating func readAudit(_ flags: some AuditFlags) {
    settings.audit = place(flags.audit)
    settings.auditValues = flags.auditValues ?? false
    if let text = flags.auditOnError {
      if let choice = AuditLog.OnError(rawValue: text) {
        settings.auditOnError = choice
      } else {
        refuse(
          "--audit-on-error", "\"\(text)\" is neither deny nor allow",
          hint: "deny refuses calls that cannot be recorded; allow lets them through")
      }
    }
    if let text = flags.auditMaxSize { readSize(text) }
    if let text = flags.auditMaxAge { readAge(text) }
    guard settings.audit == nil else { return }
    for (flag, isWritten) in [
      ("--audit-values", flags.auditValues == true),
      ("--audit-on-error", flags.auditOnError != nil),
      ("--audit-max-size", flags.auditMaxSize != nil),
      ("--audit-max-age", flags.auditMaxAge != nil),
    ] where isWritten {
      refuse(flag, "cannot be used together with --audit=off", hint: "leave one of the two out")
    }
  }

  private mutating func place(_ written: String?) -> LogPlace? {
    switch written {
    case nil: return settings.stateFolder.logs
    case "off": return nil
    case "":
      refuse(
        "--audit", "names no place", hint: "write --audit=FILE, --audit=FOLDER/ or --audit=off")
      return nil
    case let path?: return LogPlace(path)
    }
  }

  private mutating func readSize(_ text: String) {
    guard let bytes = Quantity.bytes(text), Self.fileSizes.contains(bytes) else {
      return refuse(
        "--audit-max-size", "\"\(text)\" is no size of a log's file",
        hint: "write a size from 1m to 1t, such as 64m")
    }
    settings.auditLimits.maximumSize = Int(bytes)
  }

  private mutating func readAge(_ text: String) {
    guard let age = Quantity.duration(text), age >= .seconds(60), age <= Self.longestAge else {
      return refuse(
        "--audit-max-age", "\"\(text)\" is no age of a log's file",
        hint: "write a time from 1m to 8784h, such as 24h")
    }
    settings.auditLimits.maximumAge = age
  }
}
