import Interceptors
import Wire

/// A call as spans: its own, that of the request to the server, and one for each hook.
extension CallSpan {
  private enum Kind: Int {
    case `internal` = 1
    case server = 2
    case client = 3
  }

  func messages(transport: [(String, String?)]) -> [OTLPMessage] {
    var start = self.start
    var messages: [OTLPMessage] = [own(transport)]
    for step in steps {
      let end = start + step.duration.nanoseconds
      switch step.stage {
      case "rules", "secrets", "limits": break
      case "server": messages.append(request(step, start, end))
      default: messages.append(hook(step, start, end))
      }
      start = end
    }
    return messages
  }

  private var start: UInt64 { end - min(end, duration.nanoseconds) }

  private func own(_ transport: [(String, String?)]) -> OTLPMessage {
    span(
      subject.spanName, .server, id: trace.span, under: trace.parent, from: start, to: end,
      subject.attributes + transport + [
        ("mcp.session.id", session.isEmpty ? nil : session), ("mcp_gateway.call.id", id),
        ("mcp_gateway.decision", ending.verdict.rawValue), ("mcp_gateway.rule", rule),
        ("rpc.response.status_code", ending.statusCode),
      ], error: ending.error)
  }

  private func request(_ step: CallTrail.Step, _ start: UInt64, _ end: UInt64) -> OTLPMessage {
    span(
      subject.spanName, .client, id: trace.serverSpan, under: trace.span, from: start, to: end,
      subject.attributes + [
        ("rpc.response.status_code", step.effect == .failed ? ending.statusCode : nil)
      ], error: ending.ofServer(step))
  }

  private func hook(_ step: CallTrail.Step, _ start: UInt64, _ end: UInt64) -> OTLPMessage {
    span(
      "hook \(step.stage)", .internal, id: .random(in: 1 ... .max), under: trace.span, from: start,
      to: end, [("mcp_gateway.hook", step.stage), ("mcp_gateway.effect", step.effect.rawValue)],
      error: step.effect == .refused || step.effect == .unjudged ? step.effect.rawValue : nil)
  }

  private func span(
    _ name: String, _ kind: Kind, id: UInt64, under parent: UInt64?, from start: UInt64,
    to end: UInt64, _ attributes: [(String, String?)], error: String?
  ) -> OTLPMessage {
    var span = OTLPMessage([
      (1, "traceId", .identifier(trace.traceID.bytes)),
      (2, "spanId", .identifier(id.bigEndianBytes)),
    ])
    span.add(4, "parentSpanId", parent.map { .identifier($0.bigEndianBytes) })
    span.add(5, "name", .string(name))
    span.add(6, "kind", .enumeration(kind.rawValue))
    span.add(7, "startTimeUnixNano", .fixed64(start))
    span.add(8, "endTimeUnixNano", .fixed64(end))
    span.add(
      9, "attributes", OTLPMessage.attributes(attributes + [("error.type", error)]))
    if error != nil { span.add(15, "status", .message(Self.failed)) }
    return span
  }

  private static let failed = OTLPMessage([(3, "code", .enumeration(2))])
}

extension Duration {
  /// Whole nanoseconds; none for what is negative.
  var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
  }

  var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
