import Wire

/// The sources of `--secrets` in their order. For each secret the first source that has it wins,
/// so that `docker-desktop:./.env` works with and without Docker Desktop.
struct SecretChain: Sendable {
  var sources: [any SecretSource]

  /// What the chain knows about a name, and which sources failed on the way.
  func look(up name: String) async -> (secret: Secret?, problems: [Problem]) {
    var problems: [Problem] = []
    for source in sources {
      do {
        if let secret = try await source.value(of: name) { return (secret, problems) }
      } catch let problem as Problem {
        problems.append(problem)
      } catch {
        // The error's own words are not shown: they may hold the value.
        problems.append(Problem(.warning, source: source.title, "the source cannot be asked"))
      }
    }
    return (nil, problems)
  }
}
