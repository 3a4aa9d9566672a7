extension Shape {
  /// The bytes of the credential around the anchor, or nil if there is none.
  func match(in layer: Layer, anchor: Range<Int>) -> Range<Int>? {
    guard let found = candidate(in: layer, anchor: anchor),
      !DocumentedExamples.contains(layer.bytes[found])
    else { return nil }
    return found
  }

  private func candidate(in layer: Layer, anchor: Range<Int>) -> Range<Int>? {
    switch self {
    case .token(let before, let after, let check):
      Self.token(in: layer, anchor: anchor, before: before, after: after, check: check)
    case .named(let named): named.match(in: layer, anchor: anchor)
    case .jsonWebToken: JSONWebToken.match(in: layer, anchor: anchor)
    case .armouredKey: ArmouredKey.match(in: layer, anchor: anchor)
    case .urlPassword: URLPassword.match(in: layer, anchor: anchor)
    }
  }

  /// The most bytes a match may read.
  var reach: Int {
    switch self {
    case .token(let before, let after, _): (before + after).reduce(16) { $0 + $1.longest }
    case .named: NamedValue.reach * 2
    case .jsonWebToken: JSONWebToken.reach
    case .armouredKey: ArmouredKey.reach
    case .urlPassword: URLPassword.longest
    }
  }

  private static func token(
    in layer: Layer, anchor: Range<Int>, before: [Piece], after: [Piece], check: Check
  ) -> Range<Int>? {
    let bytes = layer.bytes
    var start = anchor.lowerBound
    for piece in before {
      guard let next = piece.start(in: bytes, before: start) else { return nil }
      start = next
    }
    guard check.isProof || Boundary.opens(layer, at: start, with: before.last) else { return nil }
    var end = anchor.upperBound
    for piece in after {
      guard let next = piece.end(in: bytes, from: end) else { return nil }
      end = next
    }
    let isWhole = check.isProof || Boundary.closes(layer, at: end, with: after.last)
    let token = bytes[start..<end]
    let body = bytes[anchor.upperBound..<end]
    guard isWhole, check.accepts(token, body: body)
    else { return nil }
    if check.isProof { return start..<end }
    let isDummy =
      Placeholder.isDummy(body)
      || Placeholder.isDummy(bytes[start..<anchor.lowerBound])
    return isDummy ? nil : start..<end
  }
}
