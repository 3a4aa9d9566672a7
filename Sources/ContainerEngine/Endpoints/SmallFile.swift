import FoundationEssentials
import Wire

/// A configuration file of the docker CLI: optional, but if it is there it must be readable.
enum SmallFile {
  /// The file's value; nil if there is no file.
  static func json(at path: String) throws(EngineEndpointProblem) -> JSONText? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw EngineEndpointProblem(path, "the file cannot be read")
    }
    do { return try JSONText(validating: Array(data)) } catch {
      throw EngineEndpointProblem(path, "the file is not valid JSON: \(error)")
    }
  }
}
