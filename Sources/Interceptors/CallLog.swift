import Wire

/// `--log-calls`: a line for people when a call starts and one when it ends. Names, shapes and
/// durations, never values.
public struct CallLog: CallJournal {
  private let write: @Sendable (String) -> Void

  public init(write: @escaping @Sendable (String) -> Void) { self.write = write }

  public func began(_ call: Call) {
    write("  - Calling \(subject(of: call)) with \(JSONShape(of: call.arguments))")
  }

  public func ended(_ call: Call, _ outcome: CallOutcome, after duration: Duration) {
    let time = "\(duration.milliseconds) ms"
    switch outcome {
    case .succeeded(let bytes): write("  > \(subject(of: call)) took \(time), \(bytes) bytes")
    case .toolFailed(let bytes):
      write("  ! \(subject(of: call)) reported an error after \(time), \(bytes) bytes")
    case .refused(let refusal):
      write(
        "  ! \(subject(of: call)) refused after \(time): \(refusal.code.rawValue): "
          + PrintableText(refusal.message).description)
    case .failed(let fault):
      write(
        "  ! \(subject(of: call)) failed after \(time): \(fault.kind.rawValue): "
          + PrintableText(fault.message, limit: 600).description)
    case .serverError(let code):
      write("  ! \(subject(of: call)) answered with error \(code) after \(time)")
    }
  }

  private func subject(of call: Call) -> String {
    let kind = call.method == .callTool ? "tool" : call.method.rawValue
    return PrintableText("\(kind) \(call.server)/\(call.target) [\(call.id)]").description
  }
}

extension Duration {
  /// Whole and tenths, enough for a person.
  fileprivate var milliseconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds * 10_000 + attoseconds / 100_000_000_000_000) / 10
  }
}
