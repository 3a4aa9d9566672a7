/// A server that runs as a container and speaks MCP on its stdio.
public struct ContainerServer: Sendable, Hashable {
  public var image: String
  public var command: [Template]
  public var environment: [EnvironmentTemplate]
  public var volumes: [Template]
  public var user: Template?
  /// No network at all, whatever the flags say.
  public var isNetworkDisabled: Bool
  public var allowedHosts: [AllowedHost]
  public var extraHosts: [ExtraHost]
  /// One container per client session instead of one per call.
  public var isLongLived: Bool
  /// Our extension: the image runs with a read-only root file system.
  public var hasReadOnlyRoot: Bool
}

/// An `env` entry before the operator's values are put in.
public struct EnvironmentTemplate: Sendable, Hashable {
  public enum Value: Sendable, Hashable {
    /// Holds `{{…}}`; `$` is plain text in it.
    case template(Template)
    /// `$NAME` stands for an earlier variable or secret of the same server.
    case expandable(ExpandableText)
  }

  public var name: String
  public var value: Value
}
