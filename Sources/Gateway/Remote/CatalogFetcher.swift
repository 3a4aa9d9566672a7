import AsyncHTTPClient
import Catalog
import NIOCore
import Wire

/// Fetches a catalog file from a URL. It sends no credentials, and takes nothing but a complete
/// 200 of bounded size within bounded time.
public struct CatalogFetcher: Sendable {
  public struct Limits: Sendable, Hashable {
    public var bytes = 32 << 20
    /// From the first name lookup to the last byte, redirects included.
    public var time = Duration.seconds(30)
    public var redirects = 3

    public init() {}
  }

  private let connector: RemoteConnector
  private let limits: Limits

  public init(_ connector: RemoteConnector, limits: Limits = Limits()) {
    self.connector = connector
    self.limits = limits
  }

  /// The file's bytes. The problem names the URL without user, password and query.
  public func fetch(_ untrustedURL: String) async throws(Problem) -> [UInt8] {
    let shown = RemoteReason.printable(RemoteAddress.shown(untrustedURL))
    do {
      let url = try RemoteURL(untrustedURL)
      return try await withTimeLimit(limits.time) { try await follow(url) }
    } catch is TimeLimitReached {
      throw Problem(
        source: shown, "could not be fetched within \(limits.time.components.seconds) s")
    } catch let refusal as Refused {
      throw Problem(source: shown, "could not be fetched: \(refusal.reason)")
    } catch is CancellationError {
      throw Problem(source: shown, "could not be fetched: cancelled")
    } catch {
      throw Problem(source: shown, "could not be fetched: \(RemoteReason.of(error).text)")
    }
  }

  private struct Refused: Error {
    let reason: String
  }

  private func follow(_ first: RemoteURL) async throws -> [UInt8] {
    var url = first
    for _ in 0...limits.redirects {
      switch try await get(url) {
      case .file(let bytes): return bytes
      case .moved(let next):
        guard url.scheme == .http || next.scheme == .https else {
          throw Refused(reason: "it redirects from https to http")
        }
        url = next
      }
    }
    throw Refused(reason: "more than \(limits.redirects) redirects")
  }

  private enum Answer {
    case file([UInt8])
    case moved(RemoteURL)
  }

  private func get(_ url: RemoteURL) async throws -> Answer {
    let origin = try await connector.open(url)
    do {
      let answer = try await get(url, from: origin)
      await origin.close()
      return answer
    } catch {
      await origin.close()
      throw error
    }
  }

  private func get(_ url: RemoteURL, from origin: RemoteOrigin) async throws -> Answer {
    let response = try await origin.execute(url.target, deadline: limits.time) { request in
      request.headers.add(
        name: "Accept", value: "application/yaml, application/json, text/plain, */*")
      request.headers.add(name: "Accept-Encoding", value: "identity")
      request.headers.add(name: "User-Agent", value: "mcp-gateway")
    }
    switch response.status.code {
    case 200: break
    case 301, 302, 303, 307, 308:
      guard let location = response.headers.first(name: "Location") else {
        throw Refused(reason: "a redirect without a target")
      }
      return .moved(try url.resolving(location))
    default: throw Refused(reason: RemoteReason.of(response.status, response.headers).text)
    }
    let encoding = response.headers.first(name: "Content-Encoding")?.lowercased() ?? "identity"
    guard encoding == "identity" else {
      throw Refused(reason: "it is encoded although we asked for no encoding")
    }
    do { return .file(try await response.bytes(upTo: limits.bytes)) } catch is NIOTooManyBytesError
    {
      throw Refused(reason: "it is larger than \(limits.bytes) bytes")
    }
  }
}
