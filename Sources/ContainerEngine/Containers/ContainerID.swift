/// The engine's id of a container; 64 hexadecimal digits when the engine gave it.
public struct ContainerID: Sendable, Hashable, CustomStringConvertible {
  public let text: String

  /// An id or a name. What it holds is escaped wherever it is sent.
  public init(_ text: String) { self.text = text }

  /// Short, as the docker CLI shows it.
  public var description: String { Printable.text(String(text.prefix(12))) }

  var path: String { "/containers/\(EngineRequest.escape(text))" }
}
