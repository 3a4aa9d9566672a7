import Wire
import YAML

/// Puts one server's values into its container.
struct ContainerResolver {
  /// What templates see.
  let values: JSONText
  let secrets: [BoundSecret]
  let rules: VolumeRules

  func recipe(for server: ContainerServer, _ report: inout ServerReport) -> ContainerRecipe {
    let environment = environment(server, &report)
    return ContainerRecipe(
      image: server.image, command: command(server, environment, &report),
      environment: environment, mounts: mounts(server, &report), user: user(server, &report),
      isNetworkDisabled: server.isNetworkDisabled, allowedHosts: server.allowedHosts,
      extraHosts: server.extraHosts, isLongLived: server.isLongLived,
      hasReadOnlyRoot: server.hasReadOnlyRoot)
  }

  /// Secrets first, then the entries in their order, each seeing what was set before it. An empty
  /// value is not set, so that programs see their own defaults.
  private func environment(
    _ server: ContainerServer, _ report: inout ServerReport
  ) -> [NamedText] {
    var set = secrets.map {
      NamedText(name: $0.binding.environmentVariable, value: .secret($0.value))
    }
    for entry in server.environment {
      let value: ResolvedText
      switch entry.value {
      case .template(let template): value = .plain(template.text(with: values).text)
      case .expandable(let text): value = text.resolved(with: set.variables)
      }
      if value.exposed.isEmpty { continue }
      if value.exposed.utf8.contains(0) {
        report.add(.error, "the variable \(entry.name) would hold a NUL character")
      }
      set.removeAll { $0.name == entry.name }
      set.append(NamedText(name: entry.name, value: value))
    }
    return set
  }

  private func command(
    _ server: ContainerServer, _ environment: [NamedText], _ report: inout ServerReport
  ) -> [ResolvedText] {
    let variables = environment.variables
    let command = server.command.flatMap { template in
      template.elements(with: values).map {
        ExpandableText($0.text).resolved(with: variables)
      }
    }
    if command.contains(where: { $0.exposed.utf8.contains(0) }) {
      report.add(.error, "the command would hold a NUL character")
    }
    if command.contains(where: \.isSecret) {
      report.add(
        .warning, "its command holds a secret, which every process list of the host shows",
        hint: "pass it as a variable")
    }
    return command
  }

  private func mounts(_ server: ContainerServer, _ report: inout ServerReport) -> [Mount] {
    var mounts: [Mount] = []
    for template in server.volumes {
      for element in template.elements(with: values) where !element.isEmpty {
        do {
          let mount = try rules.mount(element)
          if mounts.contains(where: { $0.target == mount.target }) {
            report.add(.error, "two volumes have the target \(mount.target.forMessage)")
          }
          mounts.append(mount)
          warnIfMissing(mount, &report)
        } catch {
          let path = error.path.map { " (\($0.forMessage))" } ?? ""
          report.add(
            .error, "the volume \(template.source.forMessage)\(path) is refused: \(error.message)",
            hint: error.hint)
        }
      }
    }
    return mounts
  }

  /// The engine may run elsewhere and see another tree, so this is no error.
  private func warnIfMissing(_ mount: Mount, _ report: inout ServerReport) {
    guard case .hostPath(let path) = mount.source, (try? HostPath.kind(of: path)) == .missing else {
      return
    }
    report.add(.warning, "the folder \(path.forMessage) to mount does not exist on this host")
  }

  private func user(_ server: ContainerServer, _ report: inout ServerReport) -> String? {
    guard let user = server.user?.text(with: values).text, !user.isEmpty else { return nil }
    guard Names.isUser(user) else {
      report.add(
        .error, "\(user.forMessage) cannot be a user", hint: "write uid, uid:gid or a name")
      return nil
    }
    return user
  }
}

extension [NamedText] {
  fileprivate var variables: [String: ResolvedText] {
    reduce(into: [:]) { $0[$1.name] = $1.value }
  }
}

extension ResolvedText {
  fileprivate var isSecret: Bool { if case .secret = self { true } else { false } }
}
