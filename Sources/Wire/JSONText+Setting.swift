/// Members are set by splicing ranges: nothing is decoded, so all other bytes stay as they are, and
/// what was inspected is what is forwarded.
extension JSONText {
  /// This object with member `name` replaced in place, appended where it is absent, or taken out
  /// where `value` is nil. All other bytes stay as they are. Anything but an object is unchanged.
  public func setting(_ name: String, to value: JSONText?) -> JSONText {
    guard kind == .object, let edit = edit(name, to: value) else { return self }
    return applying(edit)
  }

  /// The same for a member of an object inside this one, such as `["_meta", "progressToken"]`.
  /// Objects on the way that are absent are added, unless `value` is nil. Nil if `path` is empty
  /// or leads through something that is no object.
  public func setting(_ path: [String], to value: JSONText?) -> JSONText? {
    guard let last = path.last else { return nil }
    var object = self
    for (depth, name) in path.dropLast().enumerated() {
      guard object.kind == .object else { return nil }
      guard let inner = object[name] else {
        guard let value else { return self }
        let missing = path[(depth + 1)...].reversed()
        return applying(
          object.addition(of: name, missing.reduce(value) { JSONText(object: [($1, $0)]) }))
      }
      object = inner
    }
    guard object.kind == .object else { return nil }
    return object.edit(last, to: value).map(applying) ?? self
  }

  /// Bytes that take the place of a range of the storage.
  private struct Edit {
    let range: Range<Int>
    var replacement: [UInt8] = []
  }

  private func applying(_ edit: Edit) -> JSONText {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count - edit.range.count + edit.replacement.count)
    bytes += storage[range.lowerBound..<edit.range.lowerBound]
    bytes += edit.replacement
    bytes += storage[edit.range.upperBound..<range.upperBound]
    return JSONText(trusted: bytes, 0..<bytes.count)
  }

  /// Nil where there is nothing to do: the member to take out is absent.
  private func edit(_ name: String, to value: JSONText?) -> Edit? {
    var walker = JSONWalker(self)
    var previousEnd: Int?
    while let member = walker.nextMember() {
      if isString(member.name, equalTo: name) {
        if let value { return Edit(range: member.value, replacement: Array(value.bytes)) }
        // A member goes with one comma: the one after it, or before it where it is the last.
        if let next = walker.nextMember() {
          return Edit(range: member.name.lowerBound..<next.name.lowerBound)
        }
        return Edit(range: (previousEnd ?? member.name.lowerBound)..<member.value.upperBound)
      }
      previousEnd = member.value.upperBound
    }
    return value.map { addition(of: name, $0) }
  }

  private func addition(of name: String, _ value: JSONText) -> Edit {
    var walker = JSONWalker(self)
    var end: Int?
    while let member = walker.nextMember() { end = member.value.upperBound }
    let place = end ?? range.lowerBound + 1
    var edit = Edit(range: place..<place)
    edit.replacement.reserveCapacity(name.utf8.count + value.count + 8)
    if end != nil { edit.replacement.append(UInt8(ascii: ",")) }
    JSONEscape.quote(name, into: &edit.replacement)
    edit.replacement.append(UInt8(ascii: ":"))
    edit.replacement += value.bytes
    return edit
  }
}
