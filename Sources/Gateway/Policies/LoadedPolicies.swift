import Catalog
import Interceptors
import Policy
import Wire

/// What the policy files of a run say, and everything that was wrong with them.
struct LoadedPolicies: Sendable {
  let set: PolicySet
  let hooks: [Hook]
  let problems: [Problem]
  let watched: [WatchedFile]

  init(_ settings: Settings, _ variables: [String: String]) {
    let files = PolicyFiles(settings.policies, from: WorkingFolder.path)
    let prepared = PolicyHooks(files.set.hooks, variables: variables)
    set = files.set
    hooks = prepared.hooks
    problems = (files.problems + prepared.problems).inReadingOrder
    watched = files.watched + prepared.watched
  }
}

extension Hook {
  /// The image that it runs; nil where it is no docker hook.
  var image: String? { spec.kind == .docker ? words?.first : nil }

  /// The image of a docker hook and its arguments; nil where they cannot be told apart.
  var words: [String]? { command ?? ShellWords.split(spec.argument) }
}
