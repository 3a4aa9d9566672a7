import Testing

@testable import Secrets

@Suite struct DetectorTests {
  @Test(arguments: [Detector].builtIn.map(\.id))
  func everyDetectorProvesItsExamples(id: String) throws {
    let detector = try #require([Detector].builtIn.first { $0.id == id })
    let scanner = try SecretScanner(detectors: [detector])
    #expect(!detector.finds.isEmpty && !detector.ignores.isEmpty, "a rule carries its examples")
    for text in detector.finds {
      let finding = try scanner.scan(bytes: Array(text.utf8))
      #expect(finding?.rule == .detector(id), "\(id) misses \(text)")
    }
    for text in detector.ignores {
      let finding = try scanner.scan(bytes: Array(text.utf8))
      #expect(finding == nil, "\(id) reports \(text)")
    }
  }
}
