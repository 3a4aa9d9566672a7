import Wire

extension TrustPolicy {
  public static let largest = 1 << 20

  /// Reads a policy. One flaw anywhere refuses the whole file, even in a scope that nobody asks for:
  /// a misspelt word would otherwise loosen a rule in silence.
  ///
  /// - Parameter folder: what relative paths of keys are relative to.
  public init(_ bytes: [UInt8], source: String, folder: String) throws(Problem) {
    do throws(FormFlaw) {
      let reader = RequirementReader(folder: folder)
      let text = try JSONText.strict(bytes, limit: Self.largest)
      let top = try StrictObject(text, at: "", required: ["default"], optional: ["transports"])
      let fallback = try reader.requirements(top.elements("default"), at: "default", in: top)
      var docker: [String: [Requirement]] = [:]
      for transport in try Self.transports(top) {
        let scopes = try StrictObject(
          transport.value, at: "transports.\(transport.name)", others: true)
        for scope in scopes.text.members {
          let place = "\(scopes.path)[\"\(PrintableText(scope.name, limit: 80))\"]"
          let requirements = try reader.requirements(
            scopes.elements(scope.name), at: place, in: scopes)
          if transport.name == "docker" { docker[scope.name] = requirements }
        }
      }
      self.init(
        source: source, digest: ContentDigest(of: bytes), fallback: fallback, scopes: docker)
    } catch {
      let position = TextPosition(of: error.offset, in: bytes)
      throw Problem(
        source: source, line: position.line, column: position.column, error.description,
        hint: "see containers-policy.json(5)")
    }
  }

  private static func transports(_ top: StrictObject) throws(FormFlaw) -> [JSONText.Member] {
    guard top.has("transports") else { return [] }
    return try top.object("transports", others: true).text.members
  }
}

/// 1-based, as editors count.
struct TextPosition: Sendable, Hashable {
  let line: Int
  let column: Int

  init(of offset: Int, in bytes: [UInt8]) {
    let before = bytes.prefix(offset)
    line = before.count { $0 == 0x0A } + 1
    let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    // Columns are characters: continuation bytes of UTF-8 count for nothing.
    column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
  }
}
