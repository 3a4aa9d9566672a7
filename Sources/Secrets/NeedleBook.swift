/// A rule that matched, and the string it matched in.
struct Sighting: Hashable {
  let rule: Finding.Rule
  let severity: Severity
  /// The number of the string in the message.
  let string: Int
}

/// What each literal of the matcher stands for.
struct NeedleBook: Sendable {
  private enum Needle: Sendable {
    case detector(Detector)
    /// `rest` follows the literal; a bounded value must stand alone.
    case exact(name: String, rest: [UInt8], isBounded: Bool)
  }

  /// Longer values are found by their beginning: very long literals make the database large.
  private static let longestLiteral = 64

  private let needles: [Needle]
  private let lengths: [Int]
  private let matcher: LiteralMatcher
  let unscannable: [UnscannableSecret]

  init(detectors: [Detector], exact: [ExactSecret]) throws(DetectorProblem) {
    try Self.check(detectors)
    var needles: [Needle] = []
    var literals: [LiteralMatcher.Literal] = []
    for detector in detectors {
      for anchor in detector.anchors {
        needles.append(.detector(detector))
        literals.append(.init(bytes: Array(anchor.text.utf8), ignoresCase: anchor.ignoresCase))
      }
    }
    var unscannable: [UnscannableSecret] = []
    for secret in exact {
      let core = ExactForms.core(of: secret.value)
      if let reason = ExactForms.reasonToSkip(core) {
        unscannable.append(UnscannableSecret(name: secret.name, reason: reason))
        continue
      }
      for form in ExactForms.all(of: core) {
        let literal = form.bytes.prefix(Self.longestLiteral)
        let rest = Array(form.bytes.dropFirst(Self.longestLiteral))
        needles.append(.exact(name: secret.name, rest: rest, isBounded: form.isBounded))
        literals.append(.init(bytes: Array(literal)))
      }
    }
    self.needles = needles
    self.unscannable = unscannable
    lengths = literals.map(\.bytes.count)
    matcher = try LiteralMatcher(literals)
  }

  private static func check(_ detectors: [Detector]) throws(DetectorProblem) {
    var ids: Set<String> = []
    for detector in detectors {
      guard ids.insert(detector.id).inserted else { throw .duplicate(detector: detector.id) }
      guard !detector.anchors.isEmpty else { throw .noAnchor(detector: detector.id) }
      for anchor in detector.anchors where anchor.text.utf8.count < Detector.Anchor.shortest {
        throw .anchorTooShort(detector: detector.id, anchor: anchor.text)
      }
    }
  }

  /// What is seen in one layer, in the order in which it stands there.
  func sightings(
    in layer: Layer, ownedBy allowed: Set<String>, isFirstEnough: Bool, limits: ScanLimits
  ) throws(ScanFailure) -> [Sighting] {
    let count = layer.bytes.count
    let hits = try matcher.hits(in: layer.bytes, limit: limits.candidates(in: count))
    let owned = allowed.isEmpty ? [] : ownRanges(hits, layer, allowed)
    var work = limits.work(in: count)
    var found: [Sighting] = []
    for hit in hits {
      work -= reach(of: hit)
      guard work >= 0 else { throw .overLimit(.candidates) }
      guard let (rule, severity, range) = match(hit, in: layer),
        !isOwned(rule, range, allowed, owned)
      else { continue }
      let string = layer.string(at: range.lowerBound)
      found.append(Sighting(rule: rule, severity: severity, string: string))
      if isFirstEnough { break }
    }
    return found
  }

  private func reach(of hit: LiteralMatcher.Hit) -> Int {
    switch needles[hit.literal] {
    case .detector(let detector): detector.shape.reach
    case .exact(_, let rest, _): rest.count
    }
  }

  private func match(
    _ hit: LiteralMatcher.Hit, in layer: Layer
  ) -> (Finding.Rule, Severity, Range<Int>)? {
    let anchor = (hit.end - lengths[hit.literal])..<hit.end
    switch needles[hit.literal] {
    case .detector(let detector):
      return detector.shape.match(in: layer, anchor: anchor).map {
        (.detector(detector.id), detector.severity, $0)
      }
    case .exact(let name, let rest, let isBounded):
      let end = hit.end + rest.count
      guard end <= layer.bytes.count, layer.bytes[hit.end..<end].elementsEqual(rest) else {
        return nil
      }
      let standsAlone =
        Boundary.opens(layer, at: anchor.lowerBound, with: nil)
        && Boundary.closes(layer, at: end, with: nil)
      guard !isBounded || standsAlone else { return nil }
      return (.exact(name), .critical, anchor.lowerBound..<end)
    }
  }

  /// Where the values stand that the destination may see.
  private func ownRanges(
    _ hits: [LiteralMatcher.Hit], _ layer: Layer, _ allowed: Set<String>
  ) -> [Range<Int>] {
    hits.compactMap { hit in
      guard case .exact(let name, _, _) = needles[hit.literal], allowed.contains(name)
      else { return nil }
      return match(hit, in: layer)?.2
    }
  }

  /// Whether what was seen is the destination's own: one of its values, or mostly made of one.
  private func isOwned(
    _ rule: Finding.Rule, _ range: Range<Int>, _ allowed: Set<String>, _ owned: [Range<Int>]
  ) -> Bool {
    if case .exact(let name) = rule, allowed.contains(name) { return true }
    return owned.contains { $0.clamped(to: range).count * 2 > range.count }
  }
}
