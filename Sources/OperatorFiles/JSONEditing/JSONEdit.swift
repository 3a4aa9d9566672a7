import Wire

/// Sets and removes one member of an object in a JSON text. All other bytes, white space included,
/// stay as they are: the files belong to other programs and to people who format them.
struct JSONEdit {
  private(set) var bytes: [UInt8]
  private let source: String
  private let allowsComments: Bool

  private static let limits = JSONLimits(maximumBytes: OperatorFile.largest)

  /// An empty text counts as an empty object.
  init(_ bytes: [UInt8], source: String, allowsComments: Bool) throws(Problem) {
    let isEmpty = bytes.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
    self.bytes = isEmpty ? Array("{}\n".utf8) : bytes
    self.source = source
    self.allowsComments = allowsComments
    _ = try root()
  }

  /// The object itself; its positions are those of ``bytes``.
  func root() throws(Problem) -> JSONText {
    let plain = allowsComments ? JSONComments.blanked(bytes) : bytes
    do throws(JSONProblem) {
      let text = try JSONText(validating: plain, limits: Self.limits)
      guard text.kind == .object else { throw JSONProblem(.unexpectedByte, at: 0) }
      return text
    } catch {
      throw problem(error)
    }
  }

  private func problem(_ error: JSONProblem) -> Problem {
    let before = bytes.prefix(error.offset)
    let line = before.count { $0 == 0x0A } + 1
    let column = before.reversed().prefix { $0 != 0x0A }.count + 1
    return Problem(
      source: source, line: line, column: column,
      "is not a JSON object: \(error.reason.rawValue)",
      hint: "correct it first; it was not touched")
  }

  func value(_ path: [String]) throws(Problem) -> JSONText? {
    var value: JSONText? = try root()
    for name in path { value = value?[name] }
    return value
  }

  /// Sets the member at `path`; the objects on the way are made where they are missing.
  mutating func set(_ path: [String], to value: JSONText) throws(Problem) {
    guard let name = path.last else { return }
    if let old = try self.value(path) {
      let new = value.laidOut(indent: indent(of: old.bytes.startIndex))
      bytes.replaceSubrange(old.bytes.indices, with: new.bytes)
      return
    }
    let parents = Array(path.dropLast())
    guard let parent = try self.value(parents) else {
      return try set(parents, to: JSONText(object: [(name, value)]))
    }
    guard parent.kind == .object else {
      throw Problem(
        source: source, "\(parents.joined(separator: ".")) is not an object",
        hint: "correct it first; it was not touched")
    }
    append(name, value, to: parent)
  }

  private mutating func append(_ name: String, _ value: JSONText, to parent: JSONText) {
    let members = parent.members
    guard let first = members.first, let last = members.last else {
      let outer = indent(of: parent.bytes.startIndex)
      let inner = outer + "  "
      let inside = (parent.bytes.startIndex + 1)..<(parent.bytes.endIndex - 1)
      // Comments in an empty object stay in front.
      let kept = bytes[inside].trimmingTrailingSpace
      let member = "\n\(inner)\(member(name, value.laidOut(indent: inner)))\n\(outer)"
      bytes.replaceSubrange(inside, with: kept + Array(member.utf8))
      return
    }
    let indent = memberIndent(of: first.value, in: parent)
    let text = indent.map { "\n\($0)\(member(name, value.laidOut(indent: $0)))" }
    let new = Array((text ?? " \(member(name, value))").utf8)
    bytes.insert(contentsOf: [UInt8(ascii: ",")] + new, at: last.value.bytes.endIndex)
  }

  private func member(_ name: String, _ value: JSONText) -> String {
    "\(JSONText(string: name)): \(value)"
  }

  /// The indentation of a member; nil if the object is written on one line.
  private func memberIndent(of value: JSONText, in parent: JSONText) -> String? {
    let name = nameStart(of: value)
    let isOnOwnLine = bytes[(parent.bytes.startIndex + 1)..<name].contains(0x0A)
    return isOnOwnLine ? indent(of: name) : nil
  }

  /// White space at the start of the line on which `index` is.
  private func indent(of index: Int) -> String {
    let lineStart = bytes[..<index].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let space = bytes[lineStart..<index].prefix { $0 == 0x20 || $0 == 0x09 }
    return String(decoding: space, as: UTF8.self)
  }

  /// Position of the opening quote of the name that belongs to `value`.
  private func nameStart(of value: JSONText) -> Int {
    let plain = allowsComments ? JSONComments.blanked(bytes) : bytes
    let quote = UInt8(ascii: "\"")
    guard let close = plain[..<value.bytes.startIndex].lastIndex(of: quote) else { return 0 }
    var open = close
    // An escaped quote within the name has an odd number of backslashes in front.
    repeat {
      guard let earlier = plain[..<open].lastIndex(of: quote) else { return 0 }
      open = earlier
    } while plain[..<open].reversed().prefix { $0 == UInt8(ascii: "\\") }.count % 2 == 1
    return open
  }

  /// Takes the member at `path` out. False if it is not there.
  mutating func remove(_ path: [String]) throws(Problem) -> Bool {
    guard let name = path.last, let parent = try value(Array(path.dropLast())),
      parent.kind == .object,
      let index = parent.members.firstIndex(where: { $0.name == name })
    else { return false }
    let members = parent.members
    let value = members[index].value
    if index > 0 {
      bytes.removeSubrange(members[index - 1].value.bytes.endIndex..<value.bytes.endIndex)
    } else if index + 1 < members.count {
      bytes.removeSubrange(nameStart(of: value)..<nameStart(of: members[index + 1].value))
    } else {
      removeOnly(value, of: parent)
    }
    return true
  }

  /// The last member goes with the white space and the comma around it.
  private mutating func removeOnly(_ value: JSONText, of parent: JSONText) {
    let inside = (parent.bytes.startIndex + 1)..<(parent.bytes.endIndex - 1)
    let comments = bytes[inside.lowerBound..<nameStart(of: value)].trimmingTrailingSpace
    // A line comment must not swallow the brace.
    let front = comments.isEmpty ? [] : comments + [0x0A]
    let behind = bytes[value.bytes.endIndex..<inside.upperBound].drop {
      [0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ",")].contains($0)
    }
    bytes.replaceSubrange(inside, with: front + behind)
  }
}

extension ArraySlice<UInt8> {
  fileprivate var trimmingTrailingSpace: [UInt8] {
    var text = self
    while let last = text.last, [0x20, 0x09, 0x0A, 0x0D].contains(last) { text.removeLast() }
    return Array(text)
  }
}
