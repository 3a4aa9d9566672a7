import AsyncHTTPClient
import FoundationEssentials
import Wire

/// Where an `http` hook listens: a URL, or a Unix socket on this machine.
struct HookEndpoint: Sendable, Hashable {
  /// What the URL is, as the HTTP client takes it.
  let url: URL
  let isUnixSocket: Bool
  /// Whether calls travel in plain text beyond this machine.
  let isReadableOnTheWay: Bool

  /// `https://`, `http://`, `unix:///path/of/socket` (asked for `/`), or
  /// `http+unix://%2Fpath%2Fof%2Fsocket/target`. The flaw never repeats the text, which may hold
  /// credentials.
  init(_ text: String) throws(RemoteURL.Flaw) {
    if text.hasPrefix("unix:") {
      self = try Self.unix(String(text.dropFirst("unix:".count)), target: "/")
    } else if text.hasPrefix("http+unix:") {
      self = try Self.httpUnix(text.dropFirst("http+unix:".count))
    } else {
      let remote = try RemoteURL(text)
      guard let url = URL(string: remote.origin + remote.target) else {
        throw RemoteURL.Flaw("the URL cannot be read")
      }
      self.init(
        url: url, isUnixSocket: false,
        isReadableOnTheWay: remote.scheme == .http && !remote.isLoopback)
    }
  }

  private init(url: URL, isUnixSocket: Bool, isReadableOnTheWay: Bool) {
    self.url = url
    self.isUnixSocket = isUnixSocket
    self.isReadableOnTheWay = isReadableOnTheWay
  }

  /// The longest path that fits into an address of a socket (unix(7)).
  private static let longestPath = 107

  private static func unix(
    _ written: String, target: String
  ) throws(RemoteURL.Flaw) -> HookEndpoint {
    let path = written.hasPrefix("///") ? String(written.dropFirst(2)) : written
    guard path.hasPrefix("/"), !path.hasPrefix("//"), !path.hasSuffix("/"),
      path.utf8.count <= longestPath,
      !path.utf8.contains(0)
    else {
      throw RemoteURL.Flaw(
        "the URL names no socket; write unix:///absolute/path of at most \(longestPath) bytes")
    }
    guard let url = URL(httpURLWithSocketPath: path, uri: target) else {
      throw RemoteURL.Flaw("the path of the socket cannot be read")
    }
    return HookEndpoint(url: url, isUnixSocket: true, isReadableOnTheWay: false)
  }

  private static func httpUnix(_ rest: Substring) throws(RemoteURL.Flaw) -> HookEndpoint {
    let body = rest.drop { $0 == "/" }
    let host = body.prefix { $0 != "/" }
    guard rest.hasPrefix("//"), !rest.hasPrefix("///"), let path = String(host).percentDecoded
    else {
      throw RemoteURL.Flaw(
        "the URL names no socket; write http+unix://%2Fabsolute%2Fpath/target")
    }
    let target = body.dropFirst(host.count)
    guard target.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw RemoteURL.Flaw("the URL has a blank, control or non-ASCII character; encode it")
    }
    return try unix(path, target: target.isEmpty ? "/" : String(target))
  }
}
