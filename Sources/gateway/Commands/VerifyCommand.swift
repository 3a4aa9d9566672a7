import ArgumentParser
import Gateway
import Wire

/// `verify IMAGE…`: whether images would run with `--verify-signatures`.
struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Verify the signatures of images.",
    discussion: """
      Asks the registry and the signature stores, runs and pulls nothing. One line of JSON for \
      each image: {image, verdict, digest, platformDigest, configDigest, by: [{type, key, \
      identity}]}, or {image, verdict, reason}. The reason of a rejection is on stderr.

      EXIT STATUS
        0 all images are accepted   1 an image is rejected, or could not be verified
        2 the command line is wrong

      EXAMPLES
        gateway verify docker.io/mcp/time@sha256:...
        gateway verify --policy policy.json --explain registry.example/ns/server:v1
      """)

  @Option(
    help: ArgumentHelp(
      """
      Who may sign: a containers-policy.json, or system for the machine's own. \
      (default: only docker.io/mcp/... by Docker's key)
      """, valueName: "file"), completion: .file())
  var policy: String?

  @Option(
    help: ArgumentHelp(
      """
      Folder of YAML files that say where signatures are. \
      (default: ~/.config/containers/registries.d, else /etc/containers/registries.d)
      """, valueName: "folder"), completion: .directory)
  var registriesD: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Say which entry of the policy speaks for each image. (default: false)")
  var explain: Bool?

  @Argument(help: "Images, by tag or digest.") var images: [String]

  func run() async throws {
    let invocation = Invocation.current
    let (allowsInsecure, problems) = SettingsReader.allowsInsecureURLs(in: invocation.surroundings)
    try CommandFailure.check(problems)
    let verification = ImageVerification(
      ImageTrustSettings(
        policy: .init(policy), registriesFolder: registriesD,
        homeFolder: invocation.surroundings.home?.path,
        allowsInsecureRegistries: allowsInsecure),
      dockerConfigFolder: try invocation.dockerConfigFolder(),
      variables: invocation.surroundings.variables, explains: explain ?? false)
    guard let verdicts = await verification.verdicts(on: images) else {
      throw CommandFailure("the verification was called off")
    }
    for verdict in verdicts {
      for line in verdict.talk { Talk.say(line) }
      Talk.data(verdict.data)
    }
    if verdicts.contains(where: { !$0.isAccepted }) {
      throw CommandFailure(silently: ExitCode.runtimeFailure.rawValue)
    }
  }
}
