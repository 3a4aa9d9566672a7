import Foundation
import Testing
import Wire

@testable import Interceptors

@Test(arguments: HookSchema.allCases)
func theSchemaOfTheDocumentationIsTheOneThatIsPrinted(_ schema: HookSchema) throws {
  let file = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../docs/hook-\(schema.rawValue).schema.json").standardizedFileURL
  #expect(try String(contentsOf: file, encoding: .utf8) == schema.text + "\n")
  #expect(try JSONText(validating: schema.text)["title"]?.string != nil)
}
