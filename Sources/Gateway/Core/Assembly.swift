import Audit
import Catalog
import ContainerEngine
import Interceptors
import Logging
import NIOCore
import NIOPosix
import Policy
import Secrets
import Signatures
import Wire

/// Puts the gateway together from settings: the one place where the rooms are introduced to each
/// other.
struct Assembly: Sendable {
  let settings: Settings
  let environment: RunEnvironment
  let console: Console
  let owner: GatewayOwner
  /// Nil with `--static`: then no engine is used.
  let engine: Engine?
  /// The loop that serves a stdio client and its servers; nil for HTTP, whose many clients share the
  /// cooperative threads.
  let executor: LoopExecutor?
  private let slots: ContainerSlots
  let hookSlots = ContainerSlots(
    limit: 16, rule: "hook-containers", whenFull: "too many hooks' containers are in use")
  private let launches = ContainerSlots(
    limit: max(4, 2 * System.coreCount), rule: "container-starts",
    whenFull: "too many server containers are being started; try again later")
  private let pulls = ContainerSlots(
    limit: 2, rule: "image-pulls", whenFull: "too many images are being pulled; try again later")
  let farewells = Farewells()
  private let eras = ServerEras()
  let connector: RemoteConnector
  private let fetcher: CatalogFetcher

  /// Throws a ``Problem`` if the engine's address cannot be used. Connects to nothing.
  init(_ settings: Settings, _ environment: RunEnvironment, _ console: Console) throws(Problem) {
    self.settings = settings
    self.environment = environment
    self.console = console
    owner = GatewayOwner.current(isInContainer: settings.isInContainer)
    slots = ContainerSlots(
      limit: settings.maxContainers, rule: "max-containers",
      whenFull: "all \(settings.maxContainers) server containers are in use; try again later")
    connector = RemoteConnector(allowInsecure: settings.allowInsecureRemoteURLs)
    fetcher = CatalogFetcher(connector)
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    executor = settings.transport == .stdio ? LoopExecutor(loop) : nil
    guard !settings.isStatic else {
      engine = nil
      return
    }
    engine = Engine(
      try Self.endpoint(settings, environment),
      logger: Logger(label: "gateway.engine", factory: { _ in SwiftLogNoOpLogHandler() }),
      group: executor == nil ? MultiThreadedEventLoopGroup.singleton : loop)
  }

  private static func endpoint(
    _ settings: Settings, _ environment: RunEnvironment
  ) throws(Problem) -> EngineEndpoint {
    do {
      return try EngineEndpoint.resolve(
        host: settings.dockerHost, context: settings.dockerContext,
        configurationFolder: settings.dockerConfigFolder,
        tlsVerify: environment.variables["DOCKER_TLS_VERIFY"].map { !$0.isEmpty } ?? false)
    } catch {
      throw Problem(source: error.source, error.message)
    }
  }

  // MARK: The plan

  /// Reads all files and decides what to run. Only servers named by their image need the engine.
  func plan() async -> Plan {
    let credentials = credentials
    let trust = await trust(credentials)
    let images = imageStore(trust, credentials)
    let loaded = await loadConfiguration(
      sources, desktopStores: environment.secretStore.map { [$0] } ?? []
    ) { [fetcher] url in try await fetcher.fetch(url) }
    let policies = LoadedPolicies(settings, environment.variables)
    guard !loaded.imagesToDescribe.isEmpty, !loaded.problems.hasErrors, !trust.isBroken else {
      return Plan(loaded, policies, settings, images, trust: trust)
    }
    var described: [DescribedImage] = []
    var unusable: [UnusableServer] = []
    var refusesImages = false
    for image in loaded.imagesToDescribe {
      do { described.append(try await describe(image, images)) } catch {
        if (error as? Fault)?.kind == .untrusted { refusesImages = true }
        unusable.append(
          UnusableServer(
            name: image.argument,
            problems: [Problem(source: image.argument, Self.reason(error))]))
      }
    }
    return Plan(
      await loaded.adding(described), policies, settings, images, trust: trust,
      alsoUnusable: unusable, refusesImages: refusesImages)
  }

  /// Where images are found, each once; nil without an engine.
  func imageStore() async -> ImageStore? {
    let credentials = credentials
    return imageStore(await trust(credentials), credentials)
  }

  private var credentials: CredentialStore {
    CredentialStore(
      configurationFolder: settings.dockerConfigFolder, environment: environment.variables)
  }

  /// Without a policy that can be read nothing may look like an image that runs.
  private func imageStore(_ trust: TrustState, _ credentials: CredentialStore) -> ImageStore? {
    guard let engine, !trust.isBroken else { return nil }
    return ImageStore(
      engine: engine, credentials: credentials, pulls: pulls, trust: trust.trust,
      log: console.line)
  }

  /// Reads the policy anew: keys are replaced and revoked while a gateway runs.
  private func trust(_ credentials: CredentialStore) async -> TrustState {
    guard let wanted = settings.imageTrust, let engine else { return .off }
    var watched: [WatchedFile] = []
    if case .file(let path) = wanted.policy {
      watched = [WatchedFile(WorkingFolder.absolute(path))]
    }
    let reading: TrustReading
    do throws(PolicyProblem) { reading = try TrustReading(wanted) } catch {
      return .broken(error.problem, watched: watched)
    }
    // A key that is replaced or revoked counts like a policy that is.
    watched += (reading.policy.policy?.keyFiles ?? []).sorted().map {
      WatchedFile(WorkingFolder.absolute($0))
    }
    let trust = ImageTrust(
      reading, logins: credentials, platform: await Platform(of: engine), log: console.line)
    return .on(trust, warnings: reading.warnings, watched: watched)
  }

  private var sources: ConfigurationSources {
    var sources = ConfigurationSources(
      mcpFolder: settings.mcpFolder, workingFolder: WorkingFolder.path,
      homeFolder: environment.variables["HOME"])
    sources.catalogs = .init(
      settings.catalogs, areExplicit: settings.catalogsAreExplicit,
      additional: settings.additionalCatalogs)
    sources.registries = .init(
      settings.registries, areExplicit: settings.registriesAreExplicit,
      additional: settings.additionalRegistries)
    sources.configs = .init(
      settings.configs, areExplicit: settings.configsAreExplicit,
      additional: settings.additionalConfigs)
    sources.toolsConfigs = .init(
      settings.toolsConfigs, areExplicit: settings.toolsConfigsAreExplicit,
      additional: settings.additionalToolsConfigs)
    sources.secretSources = settings.secretSources
    sources.servers = settings.servers
    sources.enablesAllServers = settings.enableAllServers
    sources.tools = settings.tools
    sources.volumeGrants = VolumeGrants(
      readableRoots: settings.bindAllowedPaths, writablePaths: settings.bindWritablePaths)
    return sources
  }

  private func describe(
    _ image: ImageArgument, _ images: ImageStore?
  ) async throws -> DescribedImage {
    guard let images else {
      throw Fault(.engine, from: .gateway, "an image describes itself only with a container engine")
    }
    let details = try await images.image(image.reference)
    return DescribedImage(image, label: details.labels[ImageLabel.key])
  }

  private static func reason(_ error: any Error) -> String {
    (error as? Fault)?.message ?? "\(error)"
  }

  // MARK: A generation

  /// The servers and rules of a plan, ready to be asked. Compiles the secrets scanner.
  func generation(for plan: Plan) throws(Problem) -> Generation {
    let rules = RuleSet(servers: Set(plan.servers.map(\.name)), isToolEnabled: plan.isToolEnabled)
    let scanner = try scanner(plan)
    let blocking = settings.blockSecrets ? scanner : nil
    let secrets = blocking.map { scan(plan, $0) }
    let launcher = launcher(secrets, plan.imageStore)
    let pipeline = Pipeline(
      rules: rules, scan: secrets,
      stations: try hooks(launcher, secrets).stations(for: plan.hooks, scanner: scanner))
    let opening = ServerOpening(launcher: launcher, connector: connector)
    let starter = ServerStarter(
      open: opening.open, slots: slots, farewells: farewells, startTimeout: settings.startTimeout,
      eras: eras, executor: executor, onNotice: talk(secrets))
    let runner = launcher.map {
      ContainerToolRunner(
        launcher: $0, slots: slots, farewells: farewells, startTimeout: settings.startTimeout)
    }
    let generation = Generation(
      servers: plan.servers, rules: rules, pipeline: pipeline, starter: starter,
      warm: settings.warm, callTimeout: settings.callTimeout,
      recordedValues: settings.auditValues ? scanner.map { RecordedValues($0) } : nil
    ) { server, permit, trail, limit in
      guard let runner else {
        throw Fault(.engine, from: .gateway, "\(server.name) needs a container engine")
      }
      return try await runner.run(server, permit, noting: &trail, within: limit)
    }
    slots.whenFull { Task { await generation.giveUpSpares() } }
    return generation
  }

  /// Nil where nothing is scanned.
  private func scanner(_ plan: Plan) throws(Problem) -> SecretScanner? {
    // Hooks are kept from secrets also where nobody blocks them.
    let isNeeded = settings.blockSecrets || settings.auditValues || !plan.hooks.isEmpty
    guard isNeeded else { return nil }
    // Servers of several catalogs may know different values by one name: all are looked for.
    let exact = Set(
      plan.servers.flatMap(\.secrets).map { ExactSecret(name: $0.name, value: $0.value.exposed) })
    do {
      let scanner = try SecretScanner(exact: exact.sorted { $0.name < $1.name })
      for secret in scanner.unscannable { console.line("! \(secret)") }
      return scanner
    } catch {
      throw Problem(source: "--block-secrets", "the secrets scanner cannot start: \(error)")
    }
  }

  private func scan(_ plan: Plan, _ scanner: SecretScanner) -> SecretScan {
    let own = plan.servers.map { ($0.name, Set($0.secrets.map(\.name))) }
    return SecretScan(scanner, ownSecrets: Dictionary(uniqueKeysWithValues: own))
  }

  func launcher(
    _ scan: SecretScan?, _ images: ImageStore?
  ) -> ContainerLauncher? {
    guard let engine, let images else { return nil }
    return ContainerLauncher(
      engine: engine, images: images, owner: owner, launches: launches,
      startTimeout: settings.startTimeout, cpus: settings.cpus, memory: settings.memory,
      keepsContainers: settings.keep, ownNetworks: ownNetworks,
      onStderr: settings.verbose ? talk(scan) : nil)
  }

  /// Shows words of a server or a hook to people.
  func talk(_ scan: SecretScan?) -> @Sendable (_ source: String, _ line: String) -> Void {
    { [console] source, line in
      do throws(Refusal) {
        try scan?.check(JSONText(string: line), from: source)
        console.line("- \(source): \(PrintableText(line, limit: 2_000))")
      } catch {
        // It may print its own secrets; the log is nobody's to read them.
        console.line("- \(source): (a line that holds a secret)")
      }
    }
  }

  /// In a container, servers join the networks of the gateway's own container, so that they reach
  /// their neighbours by name.
  private var ownNetworks: @Sendable () async throws -> [String]? {
    guard let engine, let container = owner.container else { return { nil } }
    return {
      let networks = try await engine.inspect(ContainerID(container)).addresses.keys.sorted()
      return networks.isEmpty ? nil : networks
    }
  }

  // MARK: Images and left-overs

  /// Finds or pulls the images of a plan; failures by image.
  func prepareImages(_ plan: Plan) async -> [String: Fault] {
    guard let images = plan.imageStore else { return [:] }
    return await withTaskGroup(of: (String, Fault?).self) { group in
      for image in plan.images {
        group.addTask {
          do throws(Fault) { _ = try await images.image(image) } catch { return (image, error) }
          return (image, nil)
        }
      }
      return await group.reduce(into: [:]) { failures, found in failures[found.0] = found.1 }
    }
  }

  func sweepOrphans() async {
    guard let engine else { return }
    do {
      try await OrphanSweep(engine: engine, viewer: owner, log: console.line).run()
    } catch {
      console.line("! Left-overs of earlier gateways could not be looked for: \(error)")
    }
  }

  func fetchCatalog(_ url: String) async throws(Problem) -> [UInt8] { try await fetcher.fetch(url) }
}

extension RecordedValues {
  /// Records are read by others than the owners of secrets, so every secret is one.
  fileprivate init(_ scanner: SecretScanner) {
    self.init { text in
      do { return try scanner.firstFinding(in: text)?.ruleName } catch { return "unscannable" }
    }
  }
}
