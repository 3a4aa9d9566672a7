/// Finds commands in which a shell would read values as program text: `sh -c "convert {{path}}"`.
/// Everything else about arguments can be checked; what a shell makes of a text cannot.
enum ShellCheck {
  private static let shells: Set<String> = ["sh", "ash", "bash", "dash", "ksh", "zsh"]

  /// The script that holds references, or nil.
  static func script(in command: [Template]) -> Template? {
    for index in command.indices.dropFirst().dropLast() {
      let program = command[index - 1].source.split(separator: "/").last.map(String.init) ?? ""
      let option = command[index].source
      let script = command[index + 1]
      let isScript = option.hasPrefix("-") && !option.hasPrefix("--") && option.hasSuffix("c")
      if shells.contains(program), isScript, script.hasReferences { return script }
    }
    return nil
  }
}
