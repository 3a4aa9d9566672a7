import ArgumentParser
import Gateway

/// `gateway run`: serve until the client or the operator ends it.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Start the enabled servers and serve MCP clients.",
    discussion: """
      Flags are written as for Docker's gateway: --watch=false, --servers a,b and repeats work. \
      Everything is checked before the engine is touched.

      EXAMPLES
        gateway run
        gateway run --servers server1,server2 --tools 'server1:*' --tools server2:tool2
        gateway run --port 8080 --transport streaming
        gateway run --secrets=docker-desktop:./.env
        gateway run --server docker.io/namespace/repository:latest

      ENVIRONMENT
        MCP_GATEWAY_AUTH_TOKEN                    bearer token of sse and streaming
        DOCKER_HOST, DOCKER_CONTEXT               the engine to use
        DOCKER_CONFIG                             the docker CLI's folder (default: ~/.docker)
        DOCKER_MCP_IN_CONTAINER=1                 the gateway runs in a container: other defaults
        DOCKER_MCP_ALLOW_INSECURE_REMOTE_URLS=1   allow http and private addresses
        MCP_GATEWAY_DOCKER_BIND_ALLOWED_PATHS     host folders that may be mounted read-only
        MCP_GATEWAY_DOCKER_BIND_ALLOW_WRITABLE_PATHS   host paths that may be mounted writable
        SWIFT_BACKTRACE=enable=no                 recommended for service units
      """)

  @OptionGroup var options: RunOptions

  func run() async throws {
    let invocation = Invocation.current
    let settings = try invocation.settings(options)
    let status = await GatewayRun.run(settings, environment: try invocation.environment())
    if status != 0 { throw CommandFailure(silently: status) }
  }
}

/// `docker mcp gateway run` has the program's name between plugin and command.
struct GatewayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gateway", abstract: "The gateway itself.", subcommands: [RunCommand.self])
}
