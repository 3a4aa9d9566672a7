/// The text could not be judged. Whoever asked must refuse it: unscanned is not clean.
public enum ScanFailure: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Limit: String, Sendable, Hashable, CaseIterable {
    case size = "the text is larger than the scanner reads"
    case decoded = "encoded parts decode to more than the scanner reads"
    case candidates = "the text holds more beginnings of credentials than the scanner checks"
  }

  case overLimit(Limit)
  /// The matching engine failed with its error code.
  case engine(Int32)

  public var description: String {
    switch self {
    case .overLimit(let limit): limit.rawValue
    case .engine(let code): "the matching engine failed (error \(code))"
    }
  }
}

/// How much one scan may cost.
public struct ScanLimits: Sendable, Hashable {
  /// Largest text in bytes.
  public var maximumBytes: Int
  /// Rounds of decoding: 2 sees through base64 of percent-encoding, not deeper.
  public var maximumDepth: Int
  /// Decoded bytes in all, as a multiple of the text's size.
  public var decodedRatio: Int

  public init(maximumBytes: Int = 64 << 20, maximumDepth: Int = 2, decodedRatio: Int = 8) {
    self.maximumBytes = maximumBytes
    self.maximumDepth = maximumDepth
    self.decodedRatio = decodedRatio
  }

  /// Findings that are reported: working out a path takes a walk through the message.
  let maximumFindings = 64
  /// What is noted in one layer; one string often holds the same thing several times.
  let maximumSightings = 4096

  /// Decoded bytes allowed for a text of `count` bytes: small texts get some slack.
  func decodedBytes(for count: Int) -> Int { count * decodedRatio + (64 << 10) }
  /// Anchors allowed in `count` bytes: ordinary text holds one or two in a kilobyte.
  func candidates(in count: Int) -> Int { count / 4 + (64 << 10) }
  /// Bytes that checks around anchors may read. Made-up text of nothing but anchors would cost
  /// thousands for each of its bytes.
  func work(in count: Int) -> Int { count * 64 + (4 << 20) }
}

/// Why a set of detectors does not load.
public enum DetectorProblem: Error, Sendable, Hashable, CustomStringConvertible {
  case noAnchor(detector: String)
  case anchorTooShort(detector: String, anchor: String)
  case duplicate(detector: String)
  /// The matching engine refused the literals.
  case engine(String)

  public var description: String {
    switch self {
    case .noAnchor(let id): "detector \(id) has no anchor: add fixed text every match contains"
    case .anchorTooShort(let id, let anchor):
      "detector \(id): anchor \"\(anchor)\" is shorter than \(Detector.Anchor.shortest) bytes"
    case .duplicate(let id): "two detectors are called \(id): ids must be unique"
    case .engine(let message): "the matching engine does not load: \(message)"
    }
  }
}
