/// The flags of `gateway run` as they were written: nil or empty where they were not. The program's
/// parser conforms, so there is no second list of names to keep in step.
public protocol RunFlags {
  associatedtype Selection: SelectionFlags
  associatedtype Files: FileFlags
  associatedtype Access: AccessFlags
  associatedtype Protection: ProtectionFlags
  associatedtype Containers: ContainerFlags
  associatedtype Running: RunningFlags
  associatedtype Audit: AuditFlags

  var selection: Selection { get }
  var files: Files { get }
  var access: Access { get }
  var protection: Protection { get }
  var containers: Containers { get }
  var running: Running { get }
  var audit: Audit { get }
  /// Which flags of Docker's gateway were written that this one does not have.
  var foreign: Set<String> { get }
}

/// Which servers and tools.
public protocol SelectionFlags {
  var servers: [String] { get }
  var enableAllServers: Bool? { get }
  var tools: [String] { get }
}

/// Where the operator's files are.
public protocol FileFlags {
  var catalog: [String] { get }
  var additionalCatalog: [String] { get }
  var registry: [String] { get }
  var additionalRegistry: [String] { get }
  var config: [String] { get }
  var additionalConfig: [String] { get }
  var toolsConfig: [String] { get }
  var additionalToolsConfig: [String] { get }
  var secrets: String? { get }
}

/// How clients reach the gateway.
public protocol AccessFlags {
  var transport: String? { get }
  var host: String? { get }
  var port: String? { get }
  var allowUnauthenticated: Bool? { get }
  var authTokens: String? { get }
  var publicUrl: String? { get }
  var oauthIssuer: [String] { get }
  var oauthAudience: [String] { get }
  var oauthScopes: [String] { get }
  var oauthJwks: String? { get }
  var maxSessions: String? { get }
  var maxClientSessions: String? { get }
}

/// What is watched over.
public protocol ProtectionFlags {
  var blockNetwork: Bool? { get }
  var blockSecrets: Bool? { get }
  var verifySignatures: Bool? { get }
  var signaturePolicy: String? { get }
  var registriesD: String? { get }
  var interceptor: [String] { get }
  var policy: [String] { get }
}

/// How server containers live.
public protocol ContainerFlags {
  var cpus: String? { get }
  var memory: String? { get }
  var keep: Bool? { get }
  var longLived: Bool? { get }
  var `static`: Bool? { get }
  var warm: String? { get }
  var callTimeout: String? { get }
  var startTimeout: String? { get }
  var maxContainers: String? { get }
}

/// How the gateway itself behaves.
public protocol RunningFlags {
  var dryRun: Bool? { get }
  var logCalls: Bool? { get }
  var verbose: Bool? { get }
  var watch: Bool? { get }
  var metricsPort: String? { get }
}

/// What is recorded of calls.
public protocol AuditFlags {
  var audit: String? { get }
  var auditValues: Bool? { get }
  var auditOnError: String? { get }
  var auditMaxSize: String? { get }
  var auditMaxAge: String? { get }
}
