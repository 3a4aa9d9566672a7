import Wire
import YAML

/// A container tool and the rules under which its calls run.
public struct ContainerToolRecipe: Sendable, Hashable {
  public let tool: ContainerTool
  let volumeRules: VolumeRules

  /// The kernel takes no longer single argument (MAX_ARG_STRLEN).
  private static let longestArgument = 128 << 10

  /// What to run for a call. Arguments come from a model and are data: they fill the places that
  /// the catalog left open and can add neither an option nor a mount field.
  public func run(arguments: JSONText) throws(ArgumentProblem) -> ToolRun {
    try ArgumentCheck(schema: tool.inputSchema).check(arguments)
    return ToolRun(
      image: tool.image, command: try command(arguments), mounts: try mounts(arguments),
      user: try user(arguments))
  }

  private func command(_ arguments: JSONText) throws(ArgumentProblem) -> [String] {
    var command: [String] = []
    var optionsAreOver = false
    for template in tool.command {
      for element in template.elements(with: arguments) {
        let text = element.text
        if element.startsWithData, text.hasPrefix("-"), !optionsAreOver {
          throw problem(template, "a value must not start with `-`, which would make it an option")
        }
        guard text.utf8.count < Self.longestArgument else {
          throw problem(template, "a value is longer than \(Self.longestArgument) bytes")
        }
        guard !text.utf8.contains(0) else {
          throw problem(template, "a value holds a NUL character")
        }
        // What follows a `--` of the catalog is never read as an option.
        if !element.hasData, text == "--" { optionsAreOver = true }
        command.append(text)
      }
    }
    return command
  }

  private func mounts(_ arguments: JSONText) throws(ArgumentProblem) -> [Mount] {
    var mounts: [Mount] = []
    for template in tool.volumes {
      for element in template.elements(with: arguments) where !element.isEmpty {
        do {
          let mount = try volumeRules.mount(element)
          if !mounts.contains(mount) { mounts.append(mount) }
        } catch {
          throw problem(template, "the path may not be mounted: \(error.message)")
        }
      }
    }
    return mounts
  }

  private func user(_ arguments: JSONText) throws(ArgumentProblem) -> String? {
    guard let template = tool.user else { return nil }
    let user = template.text(with: arguments).text
    if user.isEmpty { return nil }
    guard Names.isUser(user) else { throw problem(template, "the value is no user") }
    return user
  }

  private func problem(_ template: Template, _ message: String) -> ArgumentProblem {
    let path = template.firstPath.map { "arguments.\($0)" } ?? "arguments"
    return ArgumentProblem(path: path, message: message)
  }
}
