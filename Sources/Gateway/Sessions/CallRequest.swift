import Wire

/// What a client asks for by name or URI, before it is known which server that leads to.
struct CallRequest: Sendable {
  private enum Subject: Sendable {
    case tool(String)
    case prompt(String)
    case resource(String)
    /// The prompt or template whose argument is to be completed.
    case promptReference(String)
    case resourceReference(String)
  }

  let method: Call.Method
  private let subject: Subject
  private let given: JSONText

  init(_ method: Call.Method, _ params: JSONText) throws(RPCError) {
    self.method = method
    given = params
    switch method {
    case .callTool:
      if let arguments = params["arguments"], arguments.kind != .object {
        throw .invalidParams("arguments must be an object")
      }
      subject = .tool(try Self.text(params, "name"))
    case .getPrompt: subject = .prompt(try Self.text(params, "name"))
    case .readResource, .subscribe, .unsubscribe: subject = .resource(try Self.text(params, "uri"))
    case .complete: subject = try Self.reference(params)
    }
  }

  /// The client's progress token as it wrote it; nil if it asks for no progress.
  var progressToken: JSONText? {
    get throws(RPCError) {
      guard let token = given["_meta"]?["progressToken"] else { return nil }
      guard RequestID(token) != nil else {
        throw .invalidParams("_meta.progressToken must be a string or an integer")
      }
      return token
    }
  }

  private static func text(_ object: JSONText, _ name: String) throws(RPCError) -> String {
    guard let text = object[name]?.string else {
      throw .invalidParams("params.\(name) must be a string")
    }
    return text
  }

  private static func reference(_ params: JSONText) throws(RPCError) -> Subject {
    guard let reference = params["ref"] else { throw .invalidParams("params.ref is missing") }
    switch reference["type"]?.string {
    case "ref/prompt": return .promptReference(try text(reference, "name"))
    case "ref/resource": return .resourceReference(try text(reference, "uri"))
    default: throw .invalidParams("params.ref.type must be ref/prompt or ref/resource")
    }
  }

  /// The name or URI that is asked for.
  var name: String {
    switch subject {
    case .tool(let name), .prompt(let name), .promptReference(let name): name
    case .resource(let uri), .resourceReference(let uri): uri
    }
  }

  /// The same of a request that may be malformed; empty where it has none.
  static func name(_ method: Call.Method, _ params: JSONText) -> String {
    (try? CallRequest(method, params))?.name ?? params["name"]?.string ?? params["uri"]?.string
      ?? ""
  }

  func find(in directory: Directory) -> Directory.Lookup {
    switch subject {
    case .tool(let name): directory.tool(name)
    case .prompt(let name), .promptReference(let name): directory.prompt(name)
    case .resource(let uri): directory.resource(uri)
    case .resourceReference(let uri): directory.template(uri)
    }
  }

  /// The URI of a request for a resource.
  var resource: String? {
    if case .resource(let uri) = subject { uri } else { nil }
  }

  /// Throws an ``RPCError`` for a name that leads nowhere, a ``Refusal`` for one that may not be used.
  func route(_ found: Directory.Lookup) throws -> Directory.Route {
    switch found {
    case .route(let route): return route
    case .disabled(let server):
      throw Refusal(
        .toolDisabled, rule: "tools",
        message: "the operator's tool filter leaves out \(described) of \(server)")
    case .ambiguous(let names):
      throw RPCError.invalidParams(
        "\(described) is offered by several servers; use one of: \(names.joined(separator: ", "))")
    case .unknown:
      if case .resource(let uri) = subject {
        throw RPCError.resourceNotFound(uri)
      }
      throw RPCError.invalidParams("unknown \(described)")
    }
  }

  private var described: String {
    switch subject {
    case .tool(let name): "tool \(PrintableText(name))"
    case .prompt(let name), .promptReference(let name): "prompt \(PrintableText(name))"
    case .resource(let uri), .resourceReference(let uri): "resource \(PrintableText(uri))"
    }
  }

  /// The params as the server gets them: its own name in the place of the exposed one, all else as
  /// the client wrote it.
  func params(for route: Directory.Route) -> JSONText {
    let own = JSONText(string: route.name)
    switch subject {
    case .tool(let name), .prompt(let name):
      return name == route.name ? given : given.setting("name", to: own)
    case .resource(let uri):
      return uri == route.name ? given : given.setting("uri", to: own)
    case .promptReference(let name):
      return name == route.name ? given : settingReference("name", own)
    case .resourceReference(let uri):
      return uri == route.name ? given : settingReference("uri", own)
    }
  }

  private func settingReference(_ member: String, _ own: JSONText) -> JSONText {
    given.setting("ref", to: given["ref"]?.setting(member, to: own))
  }

  /// The result as the client gets it: contents of a resource under the URI that it asked for.
  func presented(_ result: JSONText, _ call: Call) -> JSONText {
    guard case .resource(let uri) = subject, uri != call.target, let contents = result["contents"]
    else { return result }
    let renamed = contents.elements.map { content in
      content["uri"]?.string == call.target
        ? content.setting("uri", to: JSONText(string: uri)) : content
    }
    return result.setting("contents", to: JSONText(array: renamed))
  }
}
