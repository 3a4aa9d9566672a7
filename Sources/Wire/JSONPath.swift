/// Where a value stands inside a text: `arguments.items[2].path`.
public struct JSONPath: Sendable, Hashable {
  public enum Step: Sendable, Hashable {
    case member(String)
    case index(Int)
  }

  public var steps: [Step]

  public init(_ steps: [Step] = []) { self.steps = steps }
}

extension JSONPath: CustomStringConvertible {
  private static let longestName = 64
  private static let mostSteps = 32

  /// For people and logs: names that are no identifiers as `["odd name"]`, everything unprintable
  /// escaped, and bounded, since the names come from whoever wrote the text. Empty for the root.
  public var description: String {
    var written = ""
    for step in steps.prefix(Self.mostSteps) {
      switch step {
      case .index(let index): written += "[\(index)]"
      case .member(let name) where Self.isIdentifier(name):
        written += written.isEmpty ? name : ".\(name)"
      case .member(let name):
        let quoted = JSONText(string: String(name.prefix(Self.longestName))).description
        written += "[\(PrintableText(quoted, limit: Self.longestName * 8))]"
      }
    }
    return steps.count > Self.mostSteps ? written + "…" : written
  }

  private static func isIdentifier(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.count <= longestName
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}

extension JSONText {
  /// The value at `path`, or nil where there is none.
  public subscript(_ path: JSONPath) -> JSONText? {
    var value = self
    for step in path.steps {
      switch step {
      case .member(let name):
        guard let member = value[name] else { return nil }
        value = member
      case .index(let index):
        guard let element = value.element(index) else { return nil }
        value = element
      }
    }
    return value
  }

  /// The path of the innermost value that covers `position` of the storage. Walks the text from
  /// its start: nobody pays for paths but who asks for one.
  func path(to position: Int) -> JSONPath {
    var steps: [JSONPath.Step] = []
    var value = self
    while let (step, inner) = value.part(covering: position) {
      steps.append(step)
      value = inner
    }
    return JSONPath(steps)
  }

  private func part(covering position: Int) -> (JSONPath.Step, JSONText)? {
    var walker = JSONWalker(self)
    if kind == .object {
      while let (name, value) = walker.nextMember(), value.lowerBound <= position {
        guard value.contains(position) else { continue }
        return (.member(Self.plainString(storage[name])), JSONText(trusted: storage, value))
      }
      return nil
    }
    var index = 0
    while let value = walker.nextElement(), value.lowerBound <= position {
      if value.contains(position) { return (.index(index), JSONText(trusted: storage, value)) }
      index += 1
    }
    return nil
  }

  private func element(_ index: Int) -> JSONText? {
    guard index >= 0 else { return nil }
    var walker = JSONWalker(self)
    for _ in 0..<index where walker.nextElement() == nil { return nil }
    return walker.nextElement().map { JSONText(trusted: storage, $0) }
  }
}
