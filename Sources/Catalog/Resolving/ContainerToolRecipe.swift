import Wire

/// A container tool and the rules under which its calls run.
public struct ContainerToolRecipe: Sendable, Hashable {
  public let tool: ContainerTool
  let volumeRules: VolumeRules
}
