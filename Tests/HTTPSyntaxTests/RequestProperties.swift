#if !FUZZING
  import HTTPSyntax
#endif

/// What must hold for every connection's bytes, for tests and the fuzzer alike.
enum RequestProperties {
  struct Broken: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  /// What a reader made of bytes, whatever pieces they came in.
  struct Outcome: Hashable {
    var heads: [RequestHead] = []
    var bodies: [[UInt8]] = []
    var ends = 0
    var problem: SyntaxProblem?
  }

  static let limits = RequestReader.Limits(headBytes: 1024, lineBytes: 256, fields: 16)

  static func outcome(of bytes: [UInt8], inPiecesOf size: Int) throws -> Outcome {
    var reader = RequestReader(limits: limits)
    var outcome = Outcome()
    var at = 0
    while at < bytes.count {
      let end = min(bytes.count, at + max(1, size))
      reader.append(bytes[at..<end])
      at = end
      guard try take(&reader, &outcome) else { return outcome }
      guard reader.unread <= limits.headBytes + size else { throw Broken("too much is kept") }
    }
    return outcome
  }

  /// False after an error, when nothing more may be asked.
  private static func take(_ reader: inout RequestReader, _ outcome: inout Outcome) throws -> Bool {
    do {
      while let part = try reader.next() {
        switch part {
        case .head(let head):
          try check(head)
          outcome.heads.append(head)
          outcome.bodies.append([])
        case .body(let piece):
          guard !piece.isEmpty, !outcome.bodies.isEmpty else { throw Broken("an empty piece") }
          outcome.bodies[outcome.bodies.count - 1] += piece
        case .end: outcome.ends += 1
        }
      }
      return true
    } catch let problem as SyntaxProblem {
      guard (400...599).contains(problem.status) else { throw Broken("no status") }
      outcome.problem = problem
      return false
    }
  }

  private static func check(_ head: RequestHead) throws {
    guard !head.method.isEmpty, !head.target.isEmpty, head.fields.count <= limits.fields else {
      throw Broken("a head without a method or a target")
    }
    for field in head.fields {
      guard field.name == field.name.lowercased(), !field.name.utf8.contains(0x0A),
        !field.value.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0 })
      else { throw Broken("a header that could split a message") }
    }
    let lengths = head[all: "content-length"].count
    let codings = head[all: "transfer-encoding"].count
    switch head.framing {
    case .none: guard codings == 0 else { throw Broken("a body that is not read") }
    case .length(let count):
      guard count > 0, lengths == 1, codings == 0 else { throw Broken("a length nobody sent") }
    case .chunked:
      guard lengths == 0, codings == 1 else { throw Broken("two ways to find the end") }
    }
  }

  /// Two readers that got the same bytes in other pieces understood the same.
  static func connection(_ bytes: [UInt8]) throws {
    let whole = try outcome(of: bytes, inPiecesOf: max(1, bytes.count))
    for size in [1, 2, 3, 7, 64] {
      guard try outcome(of: bytes, inPiecesOf: size) == whole else {
        throw Broken("in pieces of \(size) it reads differently")
      }
    }
    guard whole.ends <= whole.heads.count, whole.heads.count - whole.ends <= 1 else {
      throw Broken("\(whole.heads.count) requests begin and \(whole.ends) end")
    }
  }
}
