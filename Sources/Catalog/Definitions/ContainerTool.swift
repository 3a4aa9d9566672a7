import Wire

/// A tool that is a plain container image, started once for each call with the arguments in its
/// command line.
public struct ContainerTool: Sendable, Hashable {
  public var name: String
  public var description: String?
  /// The complete JSON schema of the arguments, always an object with `type: object`.
  public var inputSchema: JSONText
  public var image: String
  public var command: [Template]
  public var volumes: [Template]
  public var user: Template?
}
