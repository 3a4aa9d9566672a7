import Foundation

// Fuzz/run compiles this file into the module itself; there is no Wire to import then.
#if !FUZZING
  @testable import Wire
#endif

/// What holds for every text and every message. The property tests, the test over the corpus and
/// the fuzz targets all check the same.
enum WireProperties {
  struct Violation: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  private static func check(_ holds: Bool, _ promise: @autoclosure () -> String) throws {
    if !holds { throw Violation(promise()) }
  }

  /// Whether the text was accepted.
  @discardableResult
  static func text(_ bytes: [UInt8]) throws -> Bool {
    guard let text = try? JSONText(validating: bytes) else { return false }
    let reference: Any
    do {
      reference = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    } catch { throw Violation("Foundation refuses \(text)") }
    // Foundation drops byte order marks at the start of strings and after escapes.
    let isReadAlike =
      agrees(text, with: reference) || text.description.unicodeScalars.contains("\u{FEFF}")
    try check(isReadAlike, "Foundation reads \(text) as \(reference)")
    try check(try JSONText(validating: Array(text.bytes)) == text, "read again, \(text) differs")
    try strings(text)
    try writing(text)
    return true
  }

  /// Whether the message was accepted.
  @discardableResult
  static func message(_ bytes: [UInt8]) throws -> Bool {
    let message: Message
    do throws(MessageProblem) { message = try Message(bytes) } catch {
      let code = RPCError.Code(rawValue: error.error.code)
      try check(
        [.parse, .invalidRequest, .invalidParams].contains(code), "\(error) has another code")
      guard let answer = error.answer else { return false }
      try check(try Message(answer.encoded) == answer, "\(answer) does not read back")
      return false
    }
    let line = message.encoded
    try check(!line.contains { $0 == 0x0A || $0 == 0x0D }, "\(message) is more than a line")
    let again = try Message(line)
    try check(again.encoded == line, "\(message) is written differently a second time")
    try check(try Message(JSONText(validating: bytes)) == message, "two readings of \(message)")
    return true
  }

  /// Whether our walker and decoder find what Foundation finds.
  static func agrees(_ text: JSONText, with reference: Any) -> Bool {
    switch text.kind {
    case .object:
      guard let object = reference as? [String: Any] else { return false }
      let members = text.members
      // A dictionary holds canonically equivalent names only once; we and most readers do not.
      guard Set(members.map(\.name)).count == members.count else { return true }
      return members.count == object.count
        && members.allSatisfy { member in
          text[member.name] == member.value
            && object[member.name].map { agrees(member.value, with: $0) } == true
        }
    case .array:
      guard let array = reference as? [Any] else { return false }
      let elements = text.elements
      return elements.count == array.count && zip(elements, array).allSatisfy(agrees)
    case .string:
      guard let string = reference as? String, let ours = text.string else { return false }
      return string.utf8.elementsEqual(ours.utf8)
    case .bool: return (reference as? Bool) == text.bool
    case .null: return reference is NSNull
    case .number: return (reference as? NSNumber).map { agrees(text, with: $0) } == true
    }
  }

  private static func agrees(_ text: JSONText, with number: NSNumber) -> Bool {
    if let int = text.int { return int == number.intValue }
    guard let ours = text.double else { return false }
    // Foundation goes through a decimal type that rounds twice; the last digits may differ.
    return abs(ours - number.doubleValue) <= abs(ours) * 1e-12
  }

  private static func strings(_ text: JSONText) throws {
    for string in text.strings {
      let place = text[string.path]
      if string.isName {
        try check(place?[string.string] != nil, "\(string.path) has no \(string.string)")
      } else {
        try check(place?.string == string.string, "\(string.path) is not \(string.string)")
      }
    }
  }

  private static func writing(_ text: JSONText) throws {
    try check(JSONShape(of: text).description.count < 400, "the shape of \(text) is too long")
    let line = text.withoutLineBreaks
    try check(!line.bytes.contains { $0 == 0x0A || $0 == 0x0D }, "\(text) has line breaks left")
    try check(line.count == text.count, "\(text) has another length on one line")
    for member in text.members {
      let removed = text.setting(member.name, to: nil)
      try check(removed[member.name] == nil, "\(member.name) is still in \(removed)")
      try check(try JSONText(validating: Array(removed.bytes)) == removed, "\(removed) is broken")
      let restored = removed.setting(member.name, to: member.value)
      try check(restored[member.name] == member.value, "\(member.name) is not in \(restored)")
      try check(text.setting(member.name, to: member.value) == text, "\(text) changed")
    }
  }
}
