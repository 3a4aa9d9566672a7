import Wire

/// A network of the engine.
public struct NetworkDetails: Sendable, Hashable {
  public let id: String
  public let name: String
  public let driver: String
  /// Whether it has no way out of the engine's machine.
  public let isInternal: Bool
  public let labels: [String: String]
  /// Ids of the containers in it; lists leave this empty.
  public let containers: [ContainerID]

  init?(_ json: JSONText) {
    guard let id = json["Id"]?.string, let name = json["Name"]?.string else { return nil }
    self.id = id
    self.name = name
    driver = json["Driver"]?.string ?? ""
    isInternal = json["Internal"]?.bool ?? false
    labels = json["Labels"]?.stringMembers ?? [:]
    containers = json["Containers"]?.members.map { ContainerID($0.name) } ?? []
  }
}

extension Engine {
  /// Makes a bridge network.
  ///
  /// - Parameter isInternal: without a way out of the engine's machine.
  /// - Returns: Its id.
  public func createNetwork(
    name: String, isInternal: Bool, labels: [String: String] = [:]
  ) async throws -> String {
    var request = EngineRequest("create network \(name)", .POST, "/networks/create")
    request.headers = [("Content-Type", "application/json")]
    let body = JSONText(object: [
      ("Name", JSONText(string: name)), ("CheckDuplicate", JSONText(true)),
      ("Driver", JSONText(string: "bridge")), ("Internal", JSONText(isInternal)),
      ("Attachable", JSONText(false)), ("Labels", .strings(labels)),
    ])
    request.body = .bytes(Array(body.bytes))
    let answer = try await json(request)
    guard let id = answer["Id"]?.string, !id.isEmpty else {
      throw EngineError(.malformed, request.operation, "the engine's answer has no Id")
    }
    return id
  }

  /// The network with this name or id, or nil if the engine has none.
  public func inspectNetwork(_ nameOrID: String) async throws -> NetworkDetails? {
    let request = EngineRequest("inspect network \(nameOrID)", .GET, path(ofNetwork: nameOrID))
    do {
      guard let details = NetworkDetails(try await json(request)) else {
        throw EngineError(.malformed, request.operation, "the engine's answer lacks Id or Name")
      }
      return details
    } catch let error as EngineError where error.kind == .notFound { return nil }
  }

  /// All networks with all of these labels. A nil value asks for the label only.
  public func listNetworks(labels: [String: String?] = [:]) async throws -> [NetworkDetails] {
    var request = EngineRequest("list networks", .GET, "/networks")
    request.query = [("filters", EngineFilters(labels: labels).text)]
    return try await json(request).elements.compactMap(NetworkDetails.init)
  }

  /// Removes a network. One that is gone is fine.
  public func removeNetwork(_ nameOrID: String) async throws {
    let request = EngineRequest("remove network \(nameOrID)", .DELETE, path(ofNetwork: nameOrID))
    do { try await perform(request) } catch let error as EngineError where error.kind == .notFound {
    }
  }

  /// Puts a container into one more network.
  public func connect(_ id: ContainerID, to network: String) async throws {
    var request = EngineRequest(
      "connect container \(id) to network \(network)", .POST, "\(path(ofNetwork: network))/connect")
    request.headers = [("Content-Type", "application/json")]
    request.body = .bytes(
      Array(JSONText(object: [("Container", JSONText(string: id.text))]).bytes))
    try await perform(request)
  }

  private func path(ofNetwork name: String) -> String { "/networks/\(EngineRequest.escape(name))" }
}
