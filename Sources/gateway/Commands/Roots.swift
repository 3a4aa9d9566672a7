import ArgumentParser
import Gateway

/// The program under its own name.
struct GatewayProgram: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gateway", abstract: CommandTree.abstract, discussion: CommandTree.discussion,
    version: Version.current, subcommands: CommandTree.subcommands)
}

/// The program as the docker CLI's plugin.
struct DockerMCP: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "docker mcp", abstract: CommandTree.abstract, discussion: CommandTree.discussion,
    version: Version.current, subcommands: CommandTree.subcommands)
}

private enum CommandTree {
  static let abstract = "Run MCP servers in containers behind one gateway that checks every call."

  static let discussion = """
    EXAMPLES
      gateway run --servers time,git                   serve two servers over stdio
      gateway run --transport streaming --port 8080    serve HTTP at http://127.0.0.1:8080/mcp
      gateway run --dry-run --verbose                  check everything, serve nothing
      gateway tools ls                                 what a client would see
      gateway client connect claude-code               make a client use the gateway
      gateway doctor                                   what is missing, and how to get it

    Installed as docker-mcp, the same commands are "docker mcp gateway run" and so on.

    EXIT STATUS
      0 fine   1 failed while running   2 command line or configuration is wrong
      3 an image or an audit log was refused   4 a policy's tests failed

    FILES
      ~/.docker/mcp/registry.yaml, config.yaml, tools.yaml, catalog.json, catalogs/NAME.yaml
    """

  static let subcommands: [any ParsableCommand.Type] = [
    RunCommand.self, GatewayCommand.self, ToolsCommand.self, ServerCommand.self,
    CatalogCommand.self, ConfigCommand.self, SecretCommand.self, TokenCommand.self,
    ClientCommand.self, PolicyCommand.self, InterceptorCommand.self, AuditCommand.self,
    VerifyCommand.self, DoctorCommand.self,
    HealthCommand.self,
    VersionCommand.self,
    CompletionCommand.self,
  ]
}
