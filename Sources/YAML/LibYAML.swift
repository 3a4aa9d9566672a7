import CLibYAML

/// What libyaml sees in a text, one after the other.
enum YAMLEvent: Sendable, Hashable {
  case documentStart
  case scalar(YAMLScalar, hasAnchor: Bool, hasTag: Bool)
  case sequenceStart(hasAnchor: Bool, hasTag: Bool)
  case mappingStart(hasAnchor: Bool, hasTag: Bool)
  case alias
  case sequenceEnd
  case mappingEnd
}

/// The only place that touches libyaml's memory.
enum LibYAML {
  /// Calls `body` for each event in order. Whatever ends it, libyaml's memory is released; the
  /// bytes stay where they are until then, since libyaml keeps a pointer to them.
  static func forEachEvent(
    of bytes: [UInt8], _ body: (YAMLEvent, YAMLPosition) throws(YAMLRefusal) -> Void
  ) throws(YAMLRefusal) {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    defer { unsafe parser.deallocate() }
    guard unsafe yaml_parser_initialize(parser) == 1 else { throw outOfMemory }
    defer { unsafe yaml_parser_delete(parser) }
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    // Typed throws do not pass through `withUnsafeBufferPointer`'s closure with all overloads.
    let result = unsafe bytes.withUnsafeBufferPointer { buffer -> Result<Void, YAMLRefusal> in
      unsafe yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
      return Result { () throws(YAMLRefusal) in
        while let (event, position) = unsafe try nextEvent(parser) {
          if let event { try body(event, position) }
        }
      }
    }
    try result.get()
  }

  /// Nil at the end of the text; an event of nil is one that nobody needs to know.
  private static func nextEvent(
    _ parser: UnsafeMutablePointer<yaml_parser_t>
  ) throws(YAMLRefusal) -> (YAMLEvent?, YAMLPosition)? {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw unsafe refusal(of: parser) }
    defer { unsafe yaml_event_delete(&event) }
    if unsafe event.type == YAML_STREAM_END_EVENT { return nil }
    return unsafe (translated(event), position(event.start_mark))
  }

  private static func translated(_ event: yaml_event_t) -> YAMLEvent? {
    switch unsafe event.type {
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_ALIAS_EVENT: return .alias
    case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      let text = unsafe String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      return unsafe .scalar(
        YAMLScalar(text: text, style: style(scalar.style)),
        hasAnchor: scalar.anchor != nil, hasTag: scalar.tag != nil)
    case YAML_SEQUENCE_START_EVENT:
      let start = unsafe event.data.sequence_start
      return unsafe .sequenceStart(hasAnchor: start.anchor != nil, hasTag: start.tag != nil)
    case YAML_MAPPING_START_EVENT:
      let start = unsafe event.data.mapping_start
      return unsafe .mappingStart(hasAnchor: start.anchor != nil, hasTag: start.tag != nil)
    default: return nil
    }
  }

  private static func style(_ style: yaml_scalar_style_t) -> YAMLScalar.Style {
    switch style {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE, YAML_DOUBLE_QUOTED_SCALAR_STYLE: .quoted
    case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
    default: .plain
    }
  }

  private static func position(_ mark: yaml_mark_t) -> YAMLPosition {
    YAMLPosition(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  private static func refusal(of parser: UnsafeMutablePointer<yaml_parser_t>) -> YAMLRefusal {
    guard let words = unsafe parser.pointee.problem else { return outOfMemory }
    let problem = unsafe String(cString: words)
    // The reader fails before there is a mark, at a character it does not take.
    let isReader = unsafe parser.pointee.error == YAML_READER_ERROR
    let mark = unsafe isReader ? parser.pointee.mark : parser.pointee.problem_mark
    return unsafe YAMLRefusal(
      at: position(mark), "this is not YAML: \(context(of: parser))\(problem)",
      hint: hint(for: problem))
  }

  /// What libyaml was about when it failed, and where that began: a text that ends too early is
  /// repaired there and not at its end.
  private static func context(of parser: UnsafeMutablePointer<yaml_parser_t>) -> String {
    guard let words = unsafe parser.pointee.context else { return "" }
    let start = unsafe parser.pointee.context_mark.line
    let isElsewhere = unsafe start != parser.pointee.problem_mark.line
    return unsafe String(cString: words) + (isElsewhere ? " from line \(start + 1): " : ": ")
  }

  private static func hint(for problem: String) -> String? {
    switch problem {
    case "found character that cannot start any token":
      "indent with spaces, and quote values that start with @, ` or %"
    case "mapping values are not allowed in this context":
      "quote values that contain a colon and a space"
    case "did not find expected key", "could not find expected ':'":
      "check the indentation and the quotes of the lines before"
    default: nil
    }
  }

  private static let outOfMemory = YAMLRefusal(
    at: YAMLPosition(line: 1, column: 1), "there is not enough memory to read this")
}
