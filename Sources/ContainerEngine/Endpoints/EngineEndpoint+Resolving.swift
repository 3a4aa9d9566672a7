import FoundationEssentials
import Wire

extension EngineEndpoint {
  /// Finds the engine as the docker CLI does: an address given outright wins, then the context
  /// named, then `currentContext` of the configuration folder's `config.json`, then the standard
  /// socket. Reads small files; meant for start-up.
  ///
  /// - Parameters:
  ///   - host: the value of `DOCKER_HOST` or of the CLI's `-H`; nil or empty if there is none.
  ///   - context: the value of `DOCKER_CONTEXT` or of the CLI's `--context`.
  ///   - configurationFolder: usually `~/.docker`; need not exist.
  ///   - tlsVerify: whether `DOCKER_TLS_VERIFY` or `--tlsverify` asks for TLS, which makes a TCP
  ///     address an error: going on without it would show everything to the network.
  public static func resolve(
    host: String?, context: String?, configurationFolder: String, tlsVerify: Bool = false
  ) throws(EngineEndpointProblem) -> EngineEndpoint {
    let found = try find(host: host, context: context, in: configurationFolder)
    if tlsVerify, case .tcp = found {
      throw EngineEndpointProblem(
        found.description,
        "TLS is asked for (DOCKER_TLS_VERIFY) and not supported; use a Unix socket")
    }
    return found
  }

  private static func find(
    host: String?, context: String?, in folder: String
  ) throws(EngineEndpointProblem) -> EngineEndpoint {
    if let host, !host.isEmpty { return try EngineEndpoint(host) }
    let chosen = context.flatMap { $0.isEmpty ? nil : $0 }
    let name: String?
    if let chosen { name = chosen } else { name = try currentContext(in: folder) }
    guard let name, name != "default" else { return standard }
    return try endpoint(ofContext: name, in: folder)
  }

  private static func currentContext(
    in folder: String
  ) throws(EngineEndpointProblem) -> String? {
    let name = try DockerConfiguration(folder: folder)?.text["currentContext"]?.string
    return name?.isEmpty == true ? nil : name
  }

  /// Contexts lie in folders named for a digest of their name; the name itself is in the file.
  private static func endpoint(
    ofContext name: String, in folder: String
  ) throws(EngineEndpointProblem) -> EngineEndpoint {
    let root = "\(folder)/contexts/meta"
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    for entry in entries.sorted() {
      let path = "\(root)/\(entry)/meta.json"
      guard let meta = try SmallFile.json(at: path), meta["Name"]?.string == name else { continue }
      return try endpoint(ofContext: name, meta, path: path)
    }
    throw EngineEndpointProblem(
      "docker context \"\(name)\"", "there is no such context in \(root)")
  }

  private static func endpoint(
    ofContext name: String, _ meta: JSONText, path: String
  ) throws(EngineEndpointProblem) -> EngineEndpoint {
    let docker = meta["Endpoints"]?["docker"]
    guard let host = docker?["Host"]?.string, !host.isEmpty else {
      throw EngineEndpointProblem(path, "the context \"\(name)\" has no address for docker")
    }
    do { return try EngineEndpoint(host) } catch {
      throw EngineEndpointProblem(path, "context \"\(name)\": \(error)")
    }
  }
}
