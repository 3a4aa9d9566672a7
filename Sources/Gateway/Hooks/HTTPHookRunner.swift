import AsyncHTTPClient
import FoundationEssentials
import Glibc
import Interceptors
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import Wire

/// Asks a hook that is an HTTP service, on connections that are kept for the next call.
///
/// Redirects are not followed: whoever answers instead of the hook would judge calls in its place,
/// and the signature and headers would follow.
final class HTTPHookRunner: HookRunner {
  /// Connections to one hook at the same time; further requests wait, within their time.
  private static let mostConnections = 64
  /// Requests to one hook at the same time, waiting ones included.
  private static let mostRequests = 256

  private let client: HTTPClient
  private let template: HTTPClient.Request
  private let signature: RequestSignature?
  private let requests = Atomic<Int>(0)
  private let isClosed = Atomic<Bool>(false)

  /// Connects to nothing yet.
  ///
  /// - Parameter group: where connections are served.
  init(_ hook: Hook, on group: any EventLoopGroup) throws(Problem) {
    template = try Self.template(hook)
    signature = hook.http.signingKey.map { RequestSignature($0) }
    client = HTTPClient(
      eventLoopGroupProvider: .shared(group), configuration: try Self.configuration(hook))
  }

  /// A client that is dropped without being shut down ends the program (async-http-client 1.37). The
  /// hooks of a plan that was replaced are dropped when their last call is over.
  deinit {
    guard !isClosed.load(ordering: .relaxed) else { return }
    Task { [client] in try? await client.shutdown() }
  }

  func close() async {
    guard !isClosed.exchange(true, ordering: .relaxed) else { return }
    // The only error is "already shut down".
    try? await client.shutdown()
  }

  func run(_ request: HookRequest) async throws(HookFailure) -> [UInt8] {
    defer { requests.subtract(1, ordering: .relaxed) }
    guard requests.add(1, ordering: .relaxed).newValue <= Self.mostRequests else {
      throw HookFailure(.busy, "is asked about \(Self.mostRequests) calls already")
    }
    var post = template
    let body = request.message.bytes
    post.body = .byteBuffer(ByteBuffer(bytes: body))
    if let signature {
      post.headers.add(
        name: RequestSignature.header, value: signature.value(for: body, at: time(nil)))
    }
    let task = client.execute(
      request: post, delegate: HookResponse(limit: request.largestOutput),
      deadline: .now() + TimeAmount(request.deadline - .now))
    do {
      return try await withTaskCancellationHandler {
        try await task.futureResult.get()
      } onCancel: {
        task.fail(reason: CancellationError())
      }
    } catch {
      throw Self.failure(error)
    }
  }

  // MARK: What is wrong

  private static func failure(_ error: any Error) -> HookFailure {
    switch error {
    case let failure as HookFailure: failure
    case is CancellationError: .cancelled
    case let error as HTTPClientError where withdrawals.contains(error): .cancelled
    case let error as HTTPClientError where delays.contains(error): .timeout
    case ChannelError.connectTimeout: .timeout
    case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
      HookFailure(.tls, "could not prove who it is", detail: RemoteReason.of(error).text)
    default:
      HookFailure(.connection, "could not be asked", detail: RemoteReason.of(error).text)
    }
  }

  private static let withdrawals: [HTTPClientError] = [.cancelled, .alreadyShutdown]
  private static let delays: [HTTPClientError] = [
    .deadlineExceeded, .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout,
  ]

  // MARK: Setting up

  private static func template(_ hook: Hook) throws(Problem) -> HTTPClient.Request {
    do {
      let endpoint = try HookEndpoint(hook.spec.argument)
      var headers: HTTPHeaders = [
        "Content-Type": "application/json", "Accept": "application/json",
        "Accept-Encoding": "identity", "User-Agent": "mcp-gateway",
      ]
      if endpoint.isUnixSocket { headers.add(name: "Host", value: "localhost") }
      for header in hook.http.headers {
        headers.replaceOrAdd(name: header.name, value: header.value.exposed)
      }
      return try HTTPClient.Request(url: endpoint.url, method: .POST, headers: headers)
    } catch let flaw as RemoteURL.Flaw {
      throw Problem(source: hook.name, "\(flaw)")
    } catch {
      throw Problem(source: hook.name, "the URL cannot be used")
    }
  }

  private static func configuration(_ hook: Hook) throws(Problem) -> HTTPClient.Configuration {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    if let certificates = hook.http.trustedCertificates {
      do {
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(certificates))
      } catch {
        throw Problem(source: hook.name, "the trusted certificates cannot be read; PEM is expected")
      }
    }
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: tls, redirectConfiguration: .disallow)
    configuration.httpVersion = .http1Only
    configuration.decompression = .disabled
    configuration.timeout.connect = TimeAmount(hook.timeout)
    // Many servers drop an idle connection after 5 s; a request on one that is just being dropped is
    // lost, and would be a failure of the hook.
    configuration.connectionPool.idleTimeout = .seconds(4)
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = mostConnections
    configuration.connectionPool.retryConnectionEstablishment = false
    return configuration
  }
}

/// Takes what a hook answers, and stops at the first thing that is wrong with it.
private final class HookResponse: HTTPClientResponseDelegate {
  typealias Response = [UInt8]

  private let limit: Int
  private let body = Mutex([UInt8]())
  /// What is wrong if there is a body: a page of a proxy is no answer of the hook.
  private let contentFlaw = Mutex<HookFailure?>(nil)

  init(limit: Int) { self.limit = limit }

  func didReceiveHead(
    task: HTTPClient.Task<Response>, _ head: HTTPResponseHead
  ) -> EventLoopFuture<Void> {
    let code = head.status.code
    guard (200..<300).contains(code) else {
      let words =
        (300..<400).contains(code)
        ? "redirects (HTTP \(code)), which is not followed" : "answered with HTTP status \(code)"
      return task.eventLoop.makeFailedFuture(HookFailure(.httpStatus, words))
    }
    contentFlaw.withLock { $0 = Self.flaw(of: head.headers[canonicalForm: "Content-Type"]) }
    return task.eventLoop.makeSucceededVoidFuture()
  }

  /// Small services leave the header out; what they send must be JSON all the same.
  private static func flaw(of types: [Substring]) -> HookFailure? {
    guard let written = types.first else { return nil }
    let type = written.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
    if types.count == 1, type == "application/json" || type.hasSuffix("+json") { return nil }
    return HookFailure(
      .contentType, "answered with a content type other than application/json",
      detail: "\(PrintableText(type, limit: 100))")
  }

  func didReceiveBodyPart(
    task: HTTPClient.Task<Response>, _ buffer: ByteBuffer
  ) -> EventLoopFuture<Void> {
    guard buffer.readableBytes > 0 else { return task.eventLoop.makeSucceededVoidFuture() }
    if let flaw = contentFlaw.withLock({ $0 }) { return task.eventLoop.makeFailedFuture(flaw) }
    let isTooLarge = body.withLock { body in
      guard body.count + buffer.readableBytes <= limit else { return true }
      body.append(contentsOf: buffer.readableBytesView)
      return false
    }
    return isTooLarge
      ? task.eventLoop.makeFailedFuture(HookFailure.outputTooLarge(limit))
      : task.eventLoop.makeSucceededVoidFuture()
  }

  func didFinishRequest(task: HTTPClient.Task<Response>) throws -> [UInt8] {
    body.withLock { $0 }
  }
}
