/// What the process finds around itself; read once by the program, so that reading settings is a
/// pure function.
public struct Surroundings: Sendable, Hashable {
  public var variables: [String: String]
  /// The home folder in the password database.
  public var passwordHome: String?
  /// The program's own absolute path, as it was started (symlinks not followed).
  public var program: String?
  /// What docker's own options before the word `mcp` said.
  public var docker: DockerChoice

  public init(
    variables: [String: String], passwordHome: String? = nil, program: String? = nil,
    docker: DockerChoice = .init()
  ) {
    self.variables = variables
    self.passwordHome = passwordHome
    self.program = program
    self.docker = docker
  }

  /// The operator's home folder; nil if nothing names one.
  public var home: HomeFolder? {
    HomeFolder(variable: self["HOME"], passwordEntry: passwordHome, program: program)
  }

  /// A variable that is set and not empty: compose files pass unset ones on as empty.
  public subscript(_ name: String) -> String? {
    variables[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// Which engine and which configuration of the docker CLI to use, from its global options.
public struct DockerChoice: Sendable, Hashable {
  /// `-H`, `--host`.
  public var host: String?
  /// `-c`, `--context`.
  public var context: String?
  /// `--config` before `mcp`.
  public var configFolder: String?

  public init(host: String? = nil, context: String? = nil, configFolder: String? = nil) {
    self.host = host
    self.context = context
    self.configFolder = configFolder
  }
}
