/// The members of a JSON-RPC message that have a meaning, as raw values.
struct Envelope {
  var version: JSONText?
  var id: JSONText?
  var method: JSONText?
  var params: JSONText?
  var result: JSONText?
  var error: JSONText?
  /// Whether the text got as far as these names, even if their values were not read to the end.
  private var hasID = false
  private var hasMethod = false
  private var hasOutcome = false

  /// The members of an accepted object.
  init(_ object: JSONText) {
    var walker = JSONWalker(object)
    while let (name, value) = walker.nextMember() {
      take(object.storage, name: name, value: value)
    }
  }

  /// What is known of a text that the scanner has read, wholly or in part.
  init(_ bytes: [UInt8], _ outline: JSONOutline) {
    for member in outline.members { take(bytes, name: member.name, value: member.value) }
  }

  private mutating func take(_ bytes: [UInt8], name: Range<Int>, value range: Range<Int>?) {
    let value = range.map { JSONText(trusted: bytes, $0) }
    func isName(_ known: String) -> Bool { JSONText.isString(bytes, name, equalTo: known) }
    if isName("jsonrpc") {
      version = value
    } else if isName("id") {
      id = value
      hasID = true
    } else if isName("method") {
      method = value
      hasMethod = true
    } else if isName("params") {
      params = value
    } else if isName("result") {
      result = value
      hasOutcome = true
    } else if isName("error") {
      error = value
      hasOutcome = true
    }
  }

  /// What the text is, by its members.
  var subject: MessageProblem.Subject {
    if hasMethod { return hasID ? .request : .notification }
    return hasOutcome ? .response : .unknown
  }
}
