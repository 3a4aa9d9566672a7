import Wire
import YAML

/// What of a policy can have no effect: whoever wrote it believes himself protected.
extension PolicySet {
  /// Hooks that are bound to servers of which none is enabled.
  ///
  /// - Parameter servers: the enabled ones.
  public func findings(servers: [String]) -> [Problem] {
    hooks.flatMap { hook in
      (hook.binding.servers ?? []).filter { pattern in !servers.contains(where: pattern.matches) }
        .map { pattern in
          hook.place.problem(
            "hook \(hook.name) is bound to \(pattern.description.forMessage), and no enabled server "
              + "is called that", as: .warning,
            hint: NameSuggestion.hint(for: pattern.description, among: servers))
        }
    }
  }

  /// Hooks that are bound to tools that no listed server has.
  public func findings(tools: [(server: String, tool: String)]) -> [Problem] {
    hooks.flatMap { hook in
      (hook.binding.targets ?? []).filter { pattern in
        !tools.contains { known in
          pattern.matches(known.tool)
            && hook.binding.servers?.contains { $0.matches(known.server) } ?? true
        }
      }.map { pattern in
        hook.place.problem(
          "hook \(hook.name) is bound to \(pattern.description.forMessage), and no listed tool of "
            + "its servers is called that", as: .warning,
          hint: NameSuggestion.hint(for: pattern.description, among: tools.map(\.tool)))
      }
    }
  }
}
