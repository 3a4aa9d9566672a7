extension CallResult {
  /// The result of a tool that failed: a model reads `message` and can act on it; programs read
  /// the member `name` of `_meta`.
  init(failing message: String, meta name: String, _ details: JSONText) {
    let content = JSONText(object: [
      ("type", JSONText(string: "text")), ("text", JSONText(string: message)),
    ])
    self.init(
      JSONText(object: [
        ("content", JSONText(array: [content])), ("isError", JSONText(true)),
        ("_meta", JSONText(object: [(name, details)])),
      ]))
  }
}
