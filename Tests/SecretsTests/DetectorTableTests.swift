import Foundation
import Testing

@testable import Secrets

@Suite struct DetectorTableTests {
  private static let row = "| `"

  /// Rows of the table in docs/secrets.md: id, what it is, severity.
  private static func documented() throws -> [String] {
    let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/secrets.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    return text.split(separator: "\n").map(String.init).filter { $0.hasPrefix(row) }
  }

  @Test func theDocumentedTableIsTheOneWeShip() throws {
    let shipped = [Detector].builtIn.map {
      "| `\($0.id)` | \($0.title) | \($0.severity.rawValue) |"
    }
    #expect(try Self.documented() == shipped)
  }

  @Test func noTwoDetectorsShareAnId() {
    let ids = [Detector].builtIn.map(\.id)
    #expect(Set(ids).count == ids.count)
  }

  @Test func aDetectorWithoutAnAnchorDoesNotLoad() {
    let loose = detector(anchors: [])
    #expect(throws: DetectorProblem.noAnchor(detector: "loose")) {
      try SecretScanner(detectors: [loose])
    }
  }

  @Test func anAnchorOfTwoBytesDoesNotLoad() {
    let loose = detector(anchors: ["ab"])
    #expect(throws: DetectorProblem.anchorTooShort(detector: "loose", anchor: "ab")) {
      try SecretScanner(detectors: [loose])
    }
  }

  @Test func twoDetectorsOfOneNameDoNotLoad() {
    let one = detector(anchors: ["abc"])
    #expect(throws: DetectorProblem.duplicate(detector: "loose")) {
      try SecretScanner(detectors: [one, one])
    }
  }

  private func detector(anchors: [Detector.Anchor]) -> Detector {
    Detector(
      "loose", "Loose", anchors: anchors, shape: .token(after: [.run(.alnum, 8)]), finds: [],
      ignores: [])
  }
}
