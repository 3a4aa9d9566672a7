import Foundation
import Testing

@testable import Wire

struct JSONScannerTests {
  @Test(arguments: AcceptedTexts.all)
  func whatEveryReaderUnderstandsAlikeIsAccepted(_ text: String) throws {
    let accepted = try JSONText(validating: text)
    #expect(accepted.description == text.trimming(" \t\r\n"))
    _ = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
  }

  @Test(arguments: RefusedText.all)
  func whatReadersCouldUnderstandDifferentlyIsRefused(_ refused: RefusedText) {
    #expect(throws: JSONProblem(refused.reason, at: refused.offset)) {
      try JSONText(validating: refused.bytes)
    }
  }

  @Test(arguments: ["[", #"{"a":"#])
  func nestingIsAllowedUpToTheLimit(_ opening: String) throws {
    func nested(_ depth: Int) -> String {
      String(repeating: opening, count: depth) + "1"
        + String(repeating: opening == "[" ? "]" : "}", count: depth)
    }
    _ = try JSONText(validating: nested(128))
    #expect(throws: JSONProblem(.tooDeep, at: 128 * opening.utf8.count)) {
      try JSONText(validating: nested(129))
    }
    let scalarsOnly = JSONLimits(maximumDepth: 0)
    _ = try JSONText(validating: "1", limits: scalarsOnly)
    #expect(throws: JSONProblem(.tooDeep, at: 0)) {
      try JSONText(validating: "[]", limits: scalarsOnly)
    }
  }

  @Test func aTextOfTheLargestSizeIsAcceptedAndNoByteMore() throws {
    let limits = JSONLimits(maximumBytes: 10)
    _ = try JSONText(validating: #""12345678""#, limits: limits)
    #expect(throws: JSONProblem(.tooLarge, at: 10)) {
      try JSONText(validating: #""12345678" "#, limits: limits)
    }
  }

  @Test func valuesAndNamesCountTowardsTheLimit() throws {
    let limits = JSONLimits(maximumValues: 5)
    _ = try JSONText(validating: "[1,2,3,4]", limits: limits)
    _ = try JSONText(validating: #"{"a":1,"b":2}"#, limits: limits)
    #expect(throws: JSONProblem(.tooManyValues, at: 9)) {
      try JSONText(validating: "[1,2,3,4,5]", limits: limits)
    }
    #expect(throws: JSONProblem(.tooManyValues, at: 13)) {
      try JSONText(validating: #"{"a":1,"b":2,"c":3}"#, limits: limits)
    }
  }

  /// Depth must cost no stack: a thread of 512 KiB, as some runtimes give, reads any depth.
  @Test func deepTextsAreReadOnASmallStack() async throws {
    let depth = 200_000
    let limits = JSONLimits(maximumDepth: depth)
    let text =
      String(repeating: #"[{"a":"#, count: depth / 2) + "1"
      + String(repeating: "}]", count: depth / 2)
    let last = try await onSmallStack {
      let accepted = try JSONText(validating: text, limits: limits)
      #expect(accepted.strings.reduce(0) { count, _ in count + 1 } == depth / 2)
      #expect(accepted.elements.first?["a"]?.kind == .array)
      #expect(!JSONShape(of: accepted).description.isEmpty)
      return accepted.count
    }
    #expect(last == text.utf8.count)
  }

  private func onSmallStack<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let thread = Thread { continuation.resume(with: Result { try work() }) }
      thread.stackSize = 512 << 10
      thread.start()
    }
  }

  @Test(arguments: [15, 16, 17, 64, 1000])
  func aRepeatedNameIsFoundAmongMany(_ count: Int) throws {
    for repeated in [0, count / 2, count - 1] {
      for spelling in ["\"name\(repeated)\"", "\"\\u006eame\(repeated)\""] {
        let names = (0..<count).map { "\"name\($0)\"" }
        let accepted = "{" + names.map { $0 + ":1" }.joined(separator: ",")
        _ = try JSONText(validating: accepted + "}")
        #expect(throws: JSONProblem(.duplicateMember, at: accepted.utf8.count + 1)) {
          try JSONText(validating: accepted + "," + spelling + ":1}")
        }
      }
    }
  }

  /// A hundred thousand names would take minutes if each were compared with all others.
  @Test(arguments: ["name", #"\u006eame"#, String(repeating: "x", count: 30)])
  func manyNamesTakeLinearTime(_ stem: String) throws {
    func time(_ count: Int) throws -> Duration {
      let text = "{" + (0..<count).map { "\"\(stem)\($0)\":1" }.joined(separator: ",") + "}"
      return try ContinuousClock().measure { _ = try JSONText(validating: text) }
    }
    _ = try time(1000)
    // Linear is 10, quadratic 100; the rest is for a busy machine.
    #expect(try time(50_000) < time(5000) * 50 + .milliseconds(50))
  }

  @Test func everyTruncationOfAnAcceptedTextIsRefusedAtItsEnd() throws {
    let text = Array(#"{"a":[1.5e3,"\ud83d\ude00é",{"b":null}],"c":true}"#.utf8)
    _ = try JSONText(validating: text)
    for end in 0..<text.count {
      #expect(throws: JSONProblem.self) { try JSONText(validating: Array(text[..<end])) }
    }
  }
}

extension String {
  fileprivate func trimming(_ characters: String) -> String {
    trimmingCharacters(in: CharacterSet(charactersIn: characters))
  }
}
