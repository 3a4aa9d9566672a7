/// A place in a trace, as W3C Trace Context writes it: `traceparent` in `_meta`, where MCP reserves
/// the name.
public struct TraceContext: Sendable, Hashable {
  public struct TraceID: Sendable, Hashable {
    public var high: UInt64
    public var low: UInt64

    public init(high: UInt64, low: UInt64) {
      self.high = high
      self.low = low
    }

    /// One that nobody else has.
    public static func random() -> TraceID {
      TraceID(high: .random(in: 1 ... .max), low: .random(in: 0 ... .max))
    }

    /// In network order.
    public var bytes: [UInt8] { high.bigEndianBytes + low.bigEndianBytes }
  }

  public var traceID: TraceID
  public var spanID: UInt64
  public var isSampled: Bool

  public init(traceID: TraceID, spanID: UInt64, isSampled: Bool) {
    self.traceID = traceID
    self.spanID = spanID
    self.isSampled = isSampled
  }

  /// Nil for everything that the specification tells receivers to ignore. Later versions are read as
  /// far as they agree with the first one.
  public init?(traceparent text: String) {
    let bytes = Array(text.utf8)
    let dash = UInt8(ascii: "-")
    guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
      let version = Self.number(bytes[0..<2]), version != 0xFF,
      version == 0 ? bytes.count == 55 : bytes.count == 55 || bytes[55] == dash,
      let high = Self.number(bytes[3..<19]), let low = Self.number(bytes[19..<35]),
      let span = Self.number(bytes[36..<52]), let flags = Self.number(bytes[53..<55]),
      high != 0 || low != 0, span != 0
    else { return nil }
    self.init(
      traceID: TraceID(high: high, low: low), spanID: span, isSampled: flags & 1 == 1)
  }

  public var traceparent: String {
    let trace = Self.digits(traceID.high) + Self.digits(traceID.low)
    return "00-\(trace)-\(Self.digits(spanID))-\(isSampled ? "01" : "00")"
  }

  /// Lower-case digits only, as the specification demands.
  private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for digit in digits {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - 0x30)
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(digit - 0x57)
      default: return nil
      }
    }
    return value
  }

  private static func digits(_ value: UInt64) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}

/// The spans of one call: what it belongs to, the gateway's own span, and that of the request to the
/// server.
public struct CallTrace: Sendable, Hashable {
  public var traceID: TraceContext.TraceID
  /// The client's span; nil where it told none.
  public var parent: UInt64?
  public var span: UInt64
  public var serverSpan: UInt64
  public var isSampled: Bool
  /// Whether the server is told.
  public var isPropagated = true

  public init(under parent: TraceContext?, isSampled: Bool) {
    traceID = parent?.traceID ?? .random()
    self.parent = parent?.spanID
    span = .random(in: 1 ... .max)
    serverSpan = .random(in: 1 ... .max)
    self.isSampled = isSampled
  }

  /// What the server is told.
  public var forServer: TraceContext {
    TraceContext(traceID: traceID, spanID: serverSpan, isSampled: isSampled)
  }
}

extension UInt64 {
  /// In network order.
  public var bigEndianBytes: [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: self >> UInt64(56 - 8 * $0)) }
  }
}
