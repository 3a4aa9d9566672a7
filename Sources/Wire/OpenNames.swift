/// The containers that are open while a text is read, and the member names of the objects among
/// them: finds a repeated name without quadratic work.
struct OpenNames {
  /// So many plain names of an object are compared one by one; more, or escaped ones, by hash.
  private static let fewNames = 16

  private struct Container {
    let isObject: Bool
    let firstName: Int
    var index = NameIndex()
  }

  /// Innermost last, as are ``names``.
  private var containers: [Container] = []
  private var names: [MemberName] = []

  var depth: Int { containers.count }
  /// Nil outside of all containers.
  var isInObject: Bool? { containers.last?.isObject }

  mutating func open(isObject: Bool) {
    if containers.isEmpty {
      containers.reserveCapacity(8)
      names.reserveCapacity(24)
    }
    containers.append(Container(isObject: isObject, firstName: names.count))
  }

  mutating func close() {
    guard let closed = containers.popLast() else { return }
    names.removeLast(names.count - closed.firstName)
  }

  /// False if the innermost object has this name already.
  mutating func insert(_ name: MemberName, _ bytes: Span<UInt8>) -> Bool {
    let innermost = containers.count - 1
    let first = containers[innermost].firstName
    names.append(name)
    let count = names.count - first
    if count <= Self.fewNames, !name.isEscaped, containers[innermost].index.isEmpty {
      var earlier = first
      while earlier < names.count - 1 {
        if names[earlier].isSame(as: name, bytes) { return false }
        earlier &+= 1
      }
      return true
    }
    if containers[innermost].index.isEmpty {
      for earlier in first..<(names.count - 1) {
        _ = containers[innermost].index.insert(earlier, of: names, bytes)
      }
    }
    return containers[innermost].index.insert(names.count - 1, of: names, bytes)
  }
}

/// Positions of names by their hash: open addressing, so that a name costs no allocation.
private struct NameIndex {
  private struct Slot {
    var hash: Int
    /// Position among the names; nil in a free slot.
    var name: Int?
  }

  private var slots: [Slot] = []
  private var used = 0

  var isEmpty: Bool { used == 0 }

  /// False if one of the names entered so far is the same as the one at `position`.
  mutating func insert(_ position: Int, of names: [MemberName], _ bytes: Span<UInt8>) -> Bool {
    if used * 2 >= slots.count { grow() }
    let hash = names[position].hash(bytes)
    var at = hash & (slots.count - 1)
    while let earlier = slots[at].name {
      if slots[at].hash == hash, names[earlier].isSame(as: names[position], bytes) { return false }
      at = (at + 1) & (slots.count - 1)
    }
    slots[at] = Slot(hash: hash, name: position)
    used += 1
    return true
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: Slot(hash: 0, name: nil), count: max(64, old.count * 2))
    for slot in old where slot.name != nil {
      var at = slot.hash & (slots.count - 1)
      while slots[at].name != nil { at = (at + 1) & (slots.count - 1) }
      slots[at] = slot
    }
  }
}
