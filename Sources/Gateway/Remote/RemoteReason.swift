import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Wire

/// In a few words, why a request or a response failed. Safe to show: no header, no body, no URL.
enum RemoteReason {
  static func of(_ error: any Error) -> (text: String, isRetryable: Bool) {
    switch error {
    case let objection as RemoteConnector.Objection: (objection.reason, objection.isRetryable)
    case let flaw as RemoteURL.Flaw: (flaw.description, false)
    case let error as HTTPClientError: (ofClient(error), true)
    case let error as ChannelError: (ofChannel(error), true)
    case is TimeLimitReached: ("it took too long", true)
    case is NIOTooManyBytesError, is ServerSentEventParser.TooLarge:
      ("it sent more than allowed", false)
    case HTTPParserError.invalidEOFState: ("the connection was closed before the end", true)
    case is HTTPParserError: ("it does not speak HTTP properly", false)
    case let error as IOError: (printable("\(error)"), true)
    default: ofOther(error)
    }
  }

  private static func ofClient(_ error: HTTPClientError) -> String {
    switch error {
    case .connectTimeout: "no connection within the time allowed"
    case .deadlineExceeded: "no answer within the time allowed"
    case .remoteConnectionClosed, .uncleanShutdown: "the connection was closed before the end"
    default: error.shortDescription.lowercased()
    }
  }

  private static func ofChannel(_ error: ChannelError) -> String {
    if case .connectTimeout = error { return "no connection within the time allowed" }
    return "the connection was lost"
  }

  private static func ofOther(_ error: any Error) -> (text: String, isRetryable: Bool) {
    let text = "\(error)"
    if text.contains("CERTIFICATE_VERIFY_FAILED") {
      return ("its TLS certificate is not trusted", false)
    }
    if text.contains("unableToValidateCertificate") || text.contains("ostname") {
      return ("its TLS certificate is for another name", false)
    }
    return (printable(text), true)
  }

  static func printable(_ text: String) -> String {
    let plain = text.utf8.prefix(200).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
    return String(decoding: plain, as: UTF8.self)
  }

  /// What a status says. The reason phrase and the body are the server's words: not repeated.
  static func of(
    _ status: HTTPResponseStatus, _ headers: HTTPHeaders
  ) -> (text: String, isRetryable: Bool) {
    let code = "HTTP \(status.code)"
    switch status.code {
    case 300..<400:
      return ("it redirects (\(code)), which is not followed; configure the final URL", false)
    case 401, 403:
      return ("it refused our credentials (\(code)); check the configured headers", false)
    case 408, 425, 429, 502, 503, 504:
      return ("it answered \(code)" + retryAfter(headers), true)
    default: return ("it answered \(code)", status.code >= 500)
    }
  }

  private static func retryAfter(_ headers: HTTPHeaders) -> String {
    guard let value = headers.first(name: "Retry-After"), (1...6).contains(value.utf8.count),
      value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return "" }
    return "; it asks to wait \(value) s"
  }
}
