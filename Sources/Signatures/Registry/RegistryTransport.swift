/// One request, to be sent as it is: redirects are followed by who asks.
public struct WebRequest: Sendable {
  public enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
  }

  /// Which addresses the request may lead to.
  public enum Reach: Sendable, Hashable {
    /// The operator named the host.
    case anywhere
    /// Somebody else named the host: none that only this machine or its network can reach.
    case publicAddresses
  }

  public var method = Method.get
  /// `https://…` or, where it may be, `http://…`.
  public var url: String
  public var reach: Reach
  public var headers: [(name: String, value: String)] = []
  public var body: [UInt8]?
  public var maximumBytes: Int
  public var deadline: Deadline

  init(_ url: String, reach: Reach, maximumBytes: Int, deadline: Deadline) {
    self.url = url
    self.reach = reach
    self.maximumBytes = maximumBytes
    self.deadline = deadline
  }
}

/// A whole answer, of whatever status.
public struct WebAnswer: Sendable {
  public var status: Int
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]
  /// Whether the address it came from is one that the whole internet can reach.
  public var isPublic: Bool

  public init(
    status: Int, headers: [(name: String, value: String)], body: [UInt8], isPublic: Bool
  ) {
    self.status = status
    self.headers = headers
    self.body = body
    self.isPublic = isPublic
  }

  /// The first header of this name, in whatever case.
  func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  func headers(_ name: String) -> [String] {
    headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
  }
}

/// Why there is no answer.
public struct WebFailure: Error, Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    case unreachable, timeout, tooLarge
    /// The body ended before its announced length.
    case cutShort
    /// The address is none that may be asked.
    case forbidden
  }

  public let kind: Kind
  /// For people; no credentials, no query.
  public let message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}

/// How requests get out. The room knows no network: whoever uses it brings one, with its rules on
/// addresses and TLS.
public protocol WebTransport: Sendable {
  /// Sends one request and returns the whole answer, a redirect included. The body is complete and
  /// not larger than was allowed.
  func send(_ request: WebRequest) async throws(WebFailure) -> WebAnswer
}

/// What a registry wants to see of a user. Never described.
public struct RegistryLogin: Sendable, CustomStringConvertible, CustomReflectable {
  public enum Secret: Sendable {
    case password(user: String, password: String)
    /// Exchanged for tokens.
    case identityToken(String)
  }

  let secret: Secret

  public init(_ secret: Secret) { self.secret = secret }

  public var description: String { "a login" }
  public var customMirror: Mirror { Mirror(self, children: [:]) }

  /// Nil for a token.
  var basicHeader: String? {
    guard case .password(let user, let password) = secret else { return nil }
    return "Basic " + StrictBase64.encode(Array("\(user):\(password)".utf8))
  }
}

/// Finds what is stored for the registry of an image; nil where nothing is.
public typealias RegistryLogins = @Sendable (_ domain: String) async throws -> RegistryLogin?
