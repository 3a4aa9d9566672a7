import Wire

/// Follows redirects by rules that cannot leak: at most five, never from https to http, credentials
/// only to the origin that they are for, and never from the public internet into a private network.
struct RedirectFollower: Sendable {
  let transport: any WebTransport

  private static let most = 5
  private static let statuses: Set<Int> = [301, 302, 303, 307, 308]

  func send(_ first: WebRequest) async throws(WebFailure) -> WebAnswer {
    var request = first
    for _ in 0...Self.most {
      let answer = try await transport.send(request)
      guard Self.statuses.contains(answer.status), let location = answer.header("Location") else {
        return answer
      }
      guard request.method == .get else {
        throw WebFailure(.forbidden, "a redirect of a request with credentials")
      }
      request = try Self.next(of: request, to: location, from: answer)
    }
    throw WebFailure(.forbidden, "more than \(Self.most) redirects")
  }

  static func next(
    of request: WebRequest, to location: String, from answer: WebAnswer
  ) throws(WebFailure) -> WebRequest {
    let (old, new): (RemoteURL, RemoteURL)
    do throws(RemoteURL.Flaw) {
      old = try RemoteURL(request.url)
      new = try old.resolving(location)
    } catch {
      throw WebFailure(.forbidden, "a redirect to something that is no URL: \(error)")
    }
    guard old.scheme == .http || new.scheme == .https else {
      throw WebFailure(.forbidden, "a redirect from https to http")
    }
    var next = request
    next.url = new.text
    if old.origin != new.origin {
      next.headers.removeAll { $0.name.lowercased() == "authorization" }
      // A private host may send to its neighbours, a public one not.
      if answer.isPublic { next.reach = .publicAddresses }
    }
    return next
  }
}
