import Wire

/// What a client can be asked by servers: as much of its declaration as the gateway carries. A
/// server is told exactly this, and asks for more are declined in the client's name.
struct ClientCapabilities: Sendable, Hashable {
  struct Sampling: Sendable, Hashable {
    /// The model may be given tools.
    var tools = false
    /// The context of servers may be included.
    var context = false
  }
  struct Elicitation: Sendable, Hashable {
    var form = false
    var url = false
  }
  struct Roots: Sendable, Hashable {
    var listChanged = false
  }

  var sampling: Sampling?
  var elicitation: Elicitation?
  var roots: Roots?

  /// A client that can be asked nothing.
  static let none = ClientCapabilities()

  init(sampling: Sampling? = nil, elicitation: Elicitation? = nil, roots: Roots? = nil) {
    self.sampling = sampling
    self.elicitation = elicitation
    self.roots = roots
  }

  /// What `declared`, the client's own words, amount to.
  init(_ declared: JSONText?) {
    func object(_ name: String, in whole: JSONText?) -> JSONText? {
      whole?[name].flatMap { $0.kind == .object ? $0 : nil }
    }
    sampling = object("sampling", in: declared).map {
      Sampling(
        tools: object("tools", in: $0) != nil, context: object("context", in: $0) != nil)
    }
    elicitation = object("elicitation", in: declared).map {
      let form = object("form", in: $0) != nil
      let url = object("url", in: $0) != nil
      // Without members it means forms only (MCP 2025-11-25, Elicitation, Capabilities).
      return Elicitation(form: form || !url, url: url)
    }
    roots = object("roots", in: declared).map {
      Roots(listChanged: $0["listChanged"]?.bool == true)
    }
  }

  /// The same without what `version` does not know: a client cannot mean it.
  func known(to version: ProtocolVersion) -> ClientCapabilities {
    var known = self
    if !version.knowsElicitation { known.elicitation = nil }
    if !version.knowsURLElicitation {
      known.elicitation =
        elicitation == nil ? nil : known.elicitation.map { _ in .init(form: true) }
      known.sampling = sampling.map { _ in Sampling() }
    }
    return known
  }

  /// The `capabilities` for a server.
  var declaration: JSONText {
    func object(_ members: [(String, Bool)], _ value: JSONText) -> JSONText {
      JSONText(object: members.filter(\.1).map { ($0.0, value) })
    }
    var members: [(String, JSONText)] = []
    if let sampling {
      let parts = [("tools", sampling.tools), ("context", sampling.context)]
      members.append(("sampling", object(parts, .emptyObject)))
    }
    if let elicitation {
      // Older servers know only the empty object, which says the same as forms alone.
      let parts = elicitation.url ? [("form", elicitation.form), ("url", true)] : []
      members.append(("elicitation", object(parts, .emptyObject)))
    }
    if let roots {
      members.append(("roots", object([("listChanged", roots.listChanged)], JSONText(true))))
    }
    return JSONText(object: members)
  }

  /// Why the client is not asked this; nil if it may be.
  func refusal(of ask: ServerAsk) -> RPCError? {
    switch ask.method {
    case .listRoots: roots == nil ? .methodNotFound(ask.method.rawValue) : nil
    case .sample: refusal(ofSampling: ask.params)
    case .elicit: refusal(ofElicitation: ask.params)
    }
  }

  private func refusal(ofSampling params: JSONText) -> RPCError? {
    guard let sampling else { return .methodNotFound(ServerAsk.Method.sample.rawValue) }
    if !sampling.tools, params["tools"] != nil || params["toolChoice"] != nil {
      return .invalidParams("the client did not declare sampling.tools")
    }
    return nil
  }

  private func refusal(ofElicitation params: JSONText) -> RPCError? {
    guard let elicitation else { return .methodNotFound(ServerAsk.Method.elicit.rawValue) }
    let mode = params["mode"]
    switch mode.map({ $0.string }) ?? "form" {
    case "form" where elicitation.form, "url" where elicitation.url: return nil
    case "form", "url":
      return .invalidParams("the client did not declare this mode of elicitation")
    default: return .invalidParams("params.mode must be form or url")
    }
  }
}

extension ProtocolVersion {
  private func isAtLeast(_ other: ProtocolVersion) -> Bool {
    let all = Self.allCases
    guard let own = all.firstIndex(of: self), let least = all.firstIndex(of: other) else {
      return false
    }
    return own >= least
  }

  var knowsAudio: Bool { isAtLeast(.march2025) }
  var knowsResourceLinks: Bool { isAtLeast(.june2025) }
  var knowsElicitation: Bool { isAtLeast(.june2025) }
  var knowsURLElicitation: Bool { isAtLeast(.november2025) }
}
