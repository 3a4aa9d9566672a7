import Catalog
import Wire

/// config.yaml: the values that the operator gives to servers.
public struct ServerConfiguration: Sendable {
  private let file: OperatorFile

  public init(mcpFolder: String) { file = OperatorFile("\(mcpFolder)/config.yaml") }

  public var path: String { file.path }

  /// The text as it stands; empty where there is no file.
  public func text() throws(Problem) -> [UInt8] { try file.read() ?? [] }

  /// Replaces the whole text, if it is a config file. Warnings are returned.
  public func write(_ text: [UInt8]) throws(Problem) -> [Problem] {
    let (_, problems) = ConfigFile.decode(text, source: "the new text")
    try VerifiedEdit.check(problems)
    let isEnded = text.isEmpty || text.last == UInt8(ascii: "\n")
    try file.edit { _ in isEnded ? text : text + [UInt8(ascii: "\n")] }
    return problems
  }

  /// Empties the file. False if there was nothing in it.
  @discardableResult
  public func reset() throws(Problem) -> Bool {
    try file.edit { bytes in bytes == nil ? nil : [] }
  }
}
