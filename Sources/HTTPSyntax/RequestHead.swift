/// Everything of a request that stands before its body.
public struct RequestHead: Sendable, Hashable {
  public struct Field: Sendable, Hashable {
    /// Lower case.
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  public var method: String
  /// What stands in the request line; of a target in absolute form what follows its authority.
  public var target: String
  /// In the order in which they came; a name may stand there more than once.
  public var fields: [Field]
  /// Whether the client speaks HTTP/1.0, where a connection ends with its answer.
  public var isOld: Bool
  /// Where its body ends.
  public internal(set) var framing = BodyFraming.none

  public init(method: String, target: String, fields: [Field] = [], isOld: Bool = false) {
    self.method = method
    self.target = target
    self.fields = fields
    self.isOld = isOld
  }

  /// All lines of a field; `name` is lower case.
  public subscript(all name: String) -> [String] {
    fields.compactMap { $0.name == name ? $0.value : nil }
  }

  /// The field's one value; several lines are one list (RFC 9110 section 5.3).
  public subscript(_ name: String) -> String? {
    let lines = self[all: name]
    return lines.count < 2 ? lines.first : lines.joined(separator: ", ")
  }

  /// Whether the client means to go on after the answer.
  public var isPersistent: Bool {
    !isOld && !self[all: "connection"].contains { $0.namesToken("close") }
  }

  /// Whether the client waits for a word before it sends the body (RFC 9110 section 10.1.1).
  public var wantsContinue: Bool {
    !isOld && self["expect"]?.lowercased() == "100-continue"
  }

}

/// How far a body reaches (RFC 9112 section 6).
public enum BodyFraming: Sendable, Hashable {
  case none
  case length(Int)
  case chunked
}

extension String {
  /// Whether a comma-separated list holds `token`, which is lower case.
  fileprivate func namesToken(_ token: String) -> Bool {
    split(separator: ",").contains { $0.trimmingBlanks.lowercased() == token }
  }
}

extension Substring {
  fileprivate var trimmingBlanks: Substring {
    var text = drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
  }
}
