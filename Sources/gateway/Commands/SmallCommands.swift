import ArgumentParser
import Gateway

/// `version`: the version and nothing else.
struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print the version.")

  func run() { Talk.data(Version.current) }
}

/// `completion SHELL`: the script that makes a shell complete our words.
struct CompletionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completion", abstract: "Print the completion script for a shell.",
    discussion: """
      EXAMPLES
        gateway completion bash > /etc/bash_completion.d/gateway
        gateway completion zsh > "${fpath[1]}/_gateway"
        gateway completion fish > ~/.config/fish/completions/gateway.fish
      """)

  @Argument(help: "bash, zsh or fish.") var shell: Shell

  enum Shell: String, CaseIterable, ExpressibleByArgument { case bash, zsh, fish }

  func run() {
    let kind: CompletionShell =
      switch shell {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    Talk.data(GatewayProgram.completionScript(for: kind))
  }
}
