import Wire

/// All policy files of a run together, in the order in which they were named; the files of a folder
/// come in the order of their names.
public struct PolicySet: Sendable, Hashable {
  /// In the order in which calls meet them, behind those of the command line.
  public private(set) var hooks: [HookRule] = []

  private static let mostHooks = 256

  public init() {}

  /// Composes files. A name that two of their hooks have is an error: neither file replaces what
  /// another one says.
  public static func composed(_ files: [PolicyFile]) -> (set: PolicySet, problems: [Problem]) {
    var set = PolicySet()
    var problems: [Problem] = []
    var places: [String: PolicyPlace] = [:]
    for hook in files.flatMap(\.hooks) {
      if let first = places[hook.name] {
        problems.append(
          hook.place.problem(
            "another hook is called \(hook.name)",
            hint: "the first is in \(first.source), line \(first.line)"))
        continue
      }
      places[hook.name] = hook.place
      set.hooks.append(hook)
    }
    if let excess = set.hooks.dropFirst(mostHooks).first {
      problems.append(excess.place.problem("there are more than \(mostHooks) hooks"))
    }
    return (set, problems)
  }
}
