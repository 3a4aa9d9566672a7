import Wire

/// Looks for credentials and for known values in messages and other text.
///
/// One pass of literals over all strings together, then a small check around each hit, then the
/// same for what is encoded in them. Immutable and safe to use from any number of tasks at once.
public struct SecretScanner: Sendable {
  private let book: NeedleBook
  private let limits: ScanLimits

  /// Secrets that are not looked for because ordinary text holds their value: warn about them.
  public var unscannable: [UnscannableSecret] { book.unscannable }

  public init(
    detectors: [Detector] = .builtIn, exact: [ExactSecret] = [], limits: ScanLimits = ScanLimits()
  ) throws(DetectorProblem) {
    book = try NeedleBook(detectors: detectors, exact: exact)
    self.limits = limits
  }

  /// The first secret in any string of `text`, member names included. Secrets named in
  /// `allowedNames` may pass, and so may what detectors see in them: a server may receive its own.
  public func firstFinding(
    in text: JSONText, ownedBy allowedNames: Set<String> = []
  ) throws(ScanFailure) -> Finding? {
    try scan(text, allowedNames, isFirstEnough: true).first
  }

  /// The secrets in `text`, one finding for each rule and string, at most 64.
  public func findings(
    in text: JSONText, ownedBy allowedNames: Set<String> = []
  ) throws(ScanFailure) -> [Finding] {
    try scan(text, allowedNames, isFirstEnough: false)
  }

  /// The first secret in plain text, such as an error message or a line of a log.
  public func scan(
    bytes: [UInt8], ownedBy allowedNames: Set<String> = []
  ) throws(ScanFailure) -> Finding? {
    guard bytes.count <= limits.maximumBytes else { throw .overLimit(.size) }
    var layer = Layer()
    layer.append(bytes, string: 0)
    return try sightings(in: layer, allowedNames, isFirstEnough: true).first.map {
      Finding(rule: $0.rule, path: JSONPath(), severity: $0.severity)
    }
  }

  private func scan(
    _ text: JSONText, _ allowed: Set<String>, isFirstEnough: Bool
  ) throws(ScanFailure) -> [Finding] {
    guard text.count <= limits.maximumBytes else { throw .overLimit(.size) }
    var layer = Layer(stringsOf: text)
    if book.hasNumbers { layer.append(text.bytes, string: Layer.noString) }
    let seen = try sightings(in: layer, allowed, isFirstEnough: isFirstEnough)
    var findings: [Finding] = []
    for sighting in seen.prefix(limits.maximumFindings) {
      findings.append(
        Finding(
          rule: sighting.rule, path: try safePath(in: text, toString: sighting.string),
          severity: sighting.severity))
    }
    return findings
  }

  /// What is seen in all strings and numbers of `text`.
  func sightings(in text: JSONText) throws(ScanFailure) -> [Sighting] {
    guard text.count <= limits.maximumBytes else { throw .overLimit(.size) }
    var layer = Layer(stringsOf: text)
    if book.hasNumbers { layer.append(text.bytes, string: Layer.noString) }
    return try sightings(in: layer, [], isFirstEnough: false)
  }

  /// Scans a layer, and what is encoded in it down to the depth limit.
  private func sightings(
    in base: Layer, _ allowed: Set<String>, isFirstEnough: Bool
  ) throws(ScanFailure) -> [Sighting] {
    var search = Search(
      allowed: allowed, isFirstEnough: isFirstEnough,
      budget: limits.decodedBytes(for: base.bytes.count))
    try look(in: base, depth: 0, &search)
    return search.found
  }

  /// What one scan has found, and what it may still cost.
  private struct Search {
    let allowed: Set<String>
    let isFirstEnough: Bool
    var budget: Int
    var found: [Sighting] = []
    private var seen: Set<Sighting> = []

    init(allowed: Set<String>, isFirstEnough: Bool, budget: Int) {
      self.allowed = allowed
      self.isFirstEnough = isFirstEnough
      self.budget = budget
    }

    var isOver: Bool { isFirstEnough && !found.isEmpty }

    mutating func note(_ hits: [Sighting]) {
      for hit in hits where seen.insert(hit).inserted { found.append(hit) }
    }
  }

  /// Part by part: what a large text decodes to is several times larger than the text.
  private func look(in layer: Layer, depth: Int, _ search: inout Search) throws(ScanFailure) {
    search.note(
      try book.sightings(
        in: layer, ownedBy: search.allowed, isFirstEnough: search.isFirstEnough, limits: limits))
    guard depth < limits.maximumDepth, !layer.bytes.isEmpty else { return }
    var decoding = Decoding(of: layer)
    while !search.isOver, let part = try decoding.next(budget: &search.budget) {
      try look(in: part, depth: depth + 1, &search)
    }
  }

  /// The path of a string, without names that hold a secret themselves.
  private func safePath(in text: JSONText, toString number: Int) throws(ScanFailure) -> JSONPath {
    guard number != Layer.noString else { return JSONPath() }
    let string = text.strings.dropFirst(number).first { _ in true }
    var steps: [JSONPath.Step] = []
    for step in string?.path.steps ?? [] {
      guard case .member(let name) = step else {
        steps.append(step)
        continue
      }
      let isSecret = try scan(bytes: Array(name.utf8)) != nil
      steps.append(isSecret ? .member("?") : step)
    }
    return JSONPath(steps)
  }
}

/// Printing a scanner shows nothing of the values it knows.
extension SecretScanner: CustomStringConvertible, CustomReflectable {
  public var description: String { "SecretScanner" }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
