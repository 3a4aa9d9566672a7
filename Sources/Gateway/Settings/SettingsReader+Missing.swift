import Wire

extension SettingsReader {
  /// A flag that promises protection or servers must never be accepted and ignored.
  mutating func refuseWhatIsMissing(_ flags: some RunFlags) {
    let notYet = "is not in this version yet; the gateway will not start and pretend"
    if flags.protection.blockNetwork == true {
      refuse("--block-network", notYet, hint: "leave it out; disableNetwork in a catalog works")
    }
    for (name, advice) in Self.foreignFlags where flags.foreign.contains(name) {
      refuse("--\(name)", "this gateway has no such flag", hint: advice)
    }
  }

  /// Flags of Docker's gateway that have no counterpart here, and what to do instead.
  public static let foreignFlags = [
    ("oci-ref", "name the image with --server docker.io/NAMESPACE/REPOSITORY:TAG instead"),
    ("mcp-registry", "write the server into a catalog file and name it with --catalog"),
    ("profile", "name the profile's servers with --servers and its files with --config"),
    ("central", "run one gateway for each selection of servers"),
    ("debug-dns", "--verbose says what a server does"),
    ("log", "stderr is the log: append 2>>FILE"),
  ]
}
