// Fuzz/run compiles this file with those that it tests, as one module; there is no other to import.
#if !FUZZING
  import Wire

  @testable import Audit
#endif

/// What holds for every text that is taken for a record; shared with the fuzz target.
enum RecordProperties {
  struct Broken: Error, CustomStringConvertible { let description: String }

  /// Whether `bytes` have the form of a record. Throws if a reader that knows nothing of the form, and
  /// reads the line as JSON, would understand it differently.
  static func record(_ bytes: [UInt8]) throws -> Bool {
    guard let form = try? RecordForm(bytes) else { return false }
    let text = form.text
    func expect(_ holds: Bool, _ what: String) throws {
      if !holds { throw Broken(description: "\(what) in \(text)") }
    }
    try expect(text.kind == .object && text.count == bytes.count, "something around the object")
    try expect(text["v"]?.int == 1, "another version")
    try expect(text["seq"]?.int == form.sequence && form.sequence > 0, "another number")
    try expect(text["time"]?.string == form.time.description, "another time")
    try expect(text["prev"]?.string?.utf8.elementsEqual(form.previous) == true, "another previous")
    try expect(text["hash"]?.string?.utf8.elementsEqual(form.hash) == true, "another hash")
    try expect(text["type"]?.string == form.type.rawValue, "another type")
    try expect(text.members.last?.name == "hash", "a member behind the hash")
    return true
  }
}
