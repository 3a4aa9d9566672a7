import Wire

/// `--log-calls`: a line for people for every call, when it has ended. Names, shapes and durations,
/// never values.
///
/// One line, not one before and one after: a line costs as much as the rest of a small call.
public struct CallLog: CallJournal {
  private let write: @Sendable (String) -> Void

  public init(write: @escaping @Sendable (String) -> Void) { self.write = write }

  public func began(_ call: Call) {}

  public func ended(_ call: Call, _ trail: CallTrail, _ outcome: CallOutcome) {
    let kind = call.method == .callTool ? "tool" : call.method.rawValue
    let subject = PrintableText("\(call.server)/\(call.target)")
    let time = "\(trail.duration.milliseconds) ms"
    write(
      "  \(outcome.mark) \(kind) \(subject) [\(call.id)] with \(JSONShape(of: call.arguments)) "
        + outcome.words(time))
  }

  public func asked(_ record: AskRecord) {
    let cause = record.call.map { " [\($0.id)]" } ?? ""
    let time = "\(record.duration.milliseconds) ms"
    write(
      "  \(record.outcome.mark) \(record.ask.server) asks \(record.ask.method.rawValue)\(cause) "
        + "with \(JSONShape(of: record.ask.params)) " + record.outcome.words(time))
  }
}

extension CallOutcome {
  fileprivate var mark: String { if case .succeeded = self { ">" } else { "!" } }

  fileprivate func words(_ time: String) -> String {
    switch self {
    case .succeeded(let result): "took \(time), \(result.text.count) bytes"
    case .toolFailed(let result): "reported an error after \(time), \(result.text.count) bytes"
    case .refused(let refusal):
      "was refused after \(time): \(refusal.code.rawValue): \(PrintableText(refusal.message))"
    case .failed(let fault):
      "failed after \(time): \(fault.kind.rawValue): \(PrintableText(fault.message, limit: 600))"
    case .serverError(let error): "was answered with error \(error.code) after \(time)"
    }
  }
}

extension Duration {
  /// Whole and tenths, enough for a person.
  fileprivate var milliseconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds * 10_000 + attoseconds / 100_000_000_000_000) / 10
  }
}
