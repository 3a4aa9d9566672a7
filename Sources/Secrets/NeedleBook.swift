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
  /// Whether a value could stand in a message as a number, outside every string.
  let hasNumbers: Bool

  init(detectors: [Detector], exact: [ExactSecret]) throws(DetectorProblem) {
    try Self.check(detectors)
    let cores = exact.map { (name: $0.name, core: ExactForms.core(of: $0.value)) }
    unscannable = cores.compactMap { secret in
      ExactForms.reasonToSkip(secret.core).map {
        UnscannableSecret(name: secret.name, reason: $0)
      }
    }
    let known = cores.filter { ExactForms.reasonToSkip($0.core) == nil }
    hasNumbers = known.contains { $0.core.allSatisfy(CharacterClass.numbers.contains) }
    let entries =
      detectors.flatMap(Self.entries) + known.flatMap { Self.entries(name: $0.name, core: $0.core) }
    needles = entries.map(\.needle)
    lengths = entries.map(\.literal.bytes.count)
    matcher = try LiteralMatcher(entries.map(\.literal))
  }

  private typealias Entry = (needle: Needle, literal: LiteralMatcher.Literal)

  private static func entries(_ detector: Detector) -> [Entry] {
    detector.anchors.map {
      (.detector(detector), .init(bytes: Array($0.text.utf8), ignoresCase: $0.ignoresCase))
    }
  }

  private static func entries(name: String, core: [UInt8]) -> [Entry] {
    ExactForms.all(of: core).map { form in
      let rest = Array(form.bytes.dropFirst(longestLiteral))
      return (
        .exact(name: name, rest: rest, isBounded: form.isBounded),
        .init(bytes: Array(form.bytes.prefix(longestLiteral)))
      )
    }
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
      guard let (rule, severity, range) = match(hit, in: layer), !isAllowed(rule, allowed)
      else { continue }
      work -= owned.count
      guard !isOwned(rule, range, owned) else { continue }
      let string = layer.string(at: range.lowerBound)
      found.append(Sighting(rule: rule, severity: severity, string: string))
      if isFirstEnough || found.count >= limits.maximumSightings { break }
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

  private func isAllowed(_ rule: Finding.Rule, _ allowed: Set<String>) -> Bool {
    guard case .exact(let name) = rule else { return false }
    return allowed.contains(name)
  }

  /// Whether what was seen is part of one of the destination's own values or, for a detector,
  /// mostly made of one, such as a header that holds a token and a user name.
  private func isOwned(
    _ rule: Finding.Rule, _ range: Range<Int>, _ owned: [Range<Int>]
  ) -> Bool {
    switch rule {
    case .exact: owned.contains { $0.clamped(to: range) == range }
    case .detector: owned.contains { $0.clamped(to: range).count * 2 > range.count }
    }
  }
}
