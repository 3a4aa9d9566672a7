import Testing

@testable import Wire

struct JSONPropertyTests {
  private static let seeds: [UInt64] = [1, 2, 3, 4]

  @Test(arguments: seeds)
  func generatedTextsAreReadAsFoundationReadsThem(_ seed: UInt64) throws {
    var generator = TextGenerator(seed: seed)
    for _ in 0..<200 {
      let text = generator.text()
      #expect(try WireProperties.text(Array(text.utf8)), "refused: \(text)")
    }
  }

  @Test(arguments: seeds)
  func whatIsAcceptedOfBrokenTextsFoundationReadsAlike(_ seed: UInt64) throws {
    var generator = TextGenerator(seed: seed &+ 1000)
    var accepted = 0
    for _ in 0..<600 where try WireProperties.text(generator.broken(generator.text())) {
      accepted += 1
    }
    // A generator that breaks everything, or nothing, would prove little.
    #expect((30..<550).contains(accepted))
  }

  @Test(arguments: seeds)
  func settingAMemberReplacesItsBytesAndNoOthers(_ seed: UInt64) throws {
    var generator = TextGenerator(seed: seed &+ 2000)
    for _ in 0..<300 {
      let object = try JSONText(validating: generator.object())
      guard let member = object.members.randomElement(using: &generator) else { continue }
      let value = try JSONText(validating: generator.value(depth: 3))
      let set = object.setting(member.name, to: value)
      #expect(try JSONText(validating: Array(set.bytes)) == set)
      #expect(Array(set.bytes) == replacing(member.value, in: object, with: value))
    }
  }

  private func replacing(_ part: JSONText, in whole: JSONText, with value: JSONText) -> [UInt8] {
    whole.storage[whole.range.lowerBound..<part.range.lowerBound] + Array(value.bytes)
      + whole.storage[part.range.upperBound..<whole.range.upperBound]
  }

  @Test(arguments: seeds)
  func takingAMemberOutKeepsTheOthersAsTheyAreSpelled(_ seed: UInt64) throws {
    var generator = TextGenerator(seed: seed &+ 3000)
    for _ in 0..<300 {
      let object = try JSONText(validating: generator.object())
      var expected = spelledMembers(object)
      guard !expected.isEmpty else { continue }
      let index = generator.below(expected.count)
      let removed = object.setting(object.members[index].name, to: nil)
      expected.remove(at: index)
      #expect(try JSONText(validating: Array(removed.bytes)) == removed)
      #expect(spelledMembers(removed) == expected)
      let added = removed.setting("a new name", to: .null)
      #expect(try JSONText(validating: Array(added.bytes)) == added)
      #expect(spelledMembers(added) == expected + [#""a new name":null"#])
    }
  }

  private func spelledMembers(_ object: JSONText) -> [String] {
    var walker = JSONWalker(object)
    var members: [String] = []
    while let (name, value) = walker.nextMember() {
      let spelled = object.storage[name] + [UInt8(ascii: ":")] + object.storage[value]
      members.append(String(decoding: spelled, as: UTF8.self))
    }
    return members
  }

  @Test(arguments: seeds)
  func messagesSurviveReadingAndWriting(_ seed: UInt64) throws {
    var generator = TextGenerator(seed: seed &+ 4000)
    for _ in 0..<300 {
      let params = try JSONText(validating: generator.object())
      let id = generator.below(2) == 0 ? RequestID.integer(.max - 1) : .string("\u{1}\"é")
      for message in [
        Message.request(id: id, method: "a/b", params: params), .result(id: id, params),
        .notification(method: "\n", params: params),
        .failure(id: id, RPCError(code: -1, message: "\\", data: params)),
      ] {
        let line = message.encoded
        #expect(!line.contains { $0 == 0x0A || $0 == 0x0D })
        #expect(try Message(line).encoded == line)
      }
    }
  }

  @Test(arguments: seeds)
  func brokenMessagesAreRefusedWithAnAnswerThatIsAMessage(_ seed: UInt64) throws {
    var generator = TextGenerator(seed: seed &+ 5000)
    let intact = #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"x"}}"#
    var accepted = 0
    for _ in 0..<2000 where try WireProperties.message(generator.broken(intact)) { accepted += 1 }
    #expect((20..<1900).contains(accepted))
  }
}
