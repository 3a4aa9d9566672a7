import HTTPSyntax
import HTTPTypes
import NIOCore

/// One client's connection, in the pipeline of its channel and on its event loop: reads requests one
/// after the other, has each served by a task of its own, and writes the answers in order.
///
/// A connection that rests has neither a task nor buffers: there may be thousands. None is held for
/// nothing either: heads, bodies, pauses and clients that do not read have their time.
final class HTTPConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer
  typealias Serve = @Sendable (HTTPExchange) async -> Void

  /// What becomes of the bytes of a request's body.
  enum Body {
    /// They wait until somebody asks for them.
    case kept
    case wanted(atMost: Int, [UInt8], give: (Result<[UInt8], HTTPExchange.BodyFailure>) -> Void)
    /// Nobody will ask.
    case dropped
    /// All of it has come.
    case over
  }

  enum Answer {
    case none
    case chunked
    /// Its end is the connection's.
    case untilClosed
    case over
  }

  /// The request in work.
  struct Request {
    let head: RequestHead
    var body = Body.kept
    var answer = Answer.none
    /// Whether the client still has to be told to send the body.
    var isWaiting: Bool
    /// Whether its task is over.
    var isServed = false
    var whenGone: (@Sendable () -> Void)?
  }

  let limits: ConnectionLimits
  private let open: OpenConnections
  private let serve: Serve
  private var place: OpenConnections.Place?
  /// Nil before and after the connection's life.
  private(set) var context: ChannelHandlerContext?
  private var executor: LoopExecutor?
  private var reader: RequestReader
  var request: Request?
  /// Whether a client on this connection has shown who it is.
  var isKnown = false
  private var isReadingHeld = false
  /// Whether the time of a head is running.
  private var isHeadTimed = false
  /// Nothing is read any more; the client has a while to read its answer.
  private(set) var isEnding = false
  private(set) var isQuiescing = false
  var closesAfterAnswer = false
  private var timer: Timer
  var stall: Scheduled<Void>?
  /// Whoever waits until the client has read.
  var writer: ((Bool) -> Void)?

  init(_ limits: ConnectionLimits, _ open: OpenConnections, serve: @escaping Serve) {
    self.limits = limits
    self.open = open
    self.serve = serve
    reader = RequestReader(limits: limits.head)
    timer = Timer()
  }

  // MARK: Life

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    executor = LoopExecutor(context.eventLoop)
    if context.channel.isActive { arrive(context) }
  }

  func channelActive(context: ChannelHandlerContext) {
    arrive(context)
    context.fireChannelActive()
  }

  private func arrive(_ context: ChannelHandlerContext) {
    guard place == nil else { return }
    place = open.admit(context.channel)
    if place == nil {
      refuse(.serviceUnavailable)
    } else {
      isHeadTimed = true
      limit(to: limits.headTime)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    vanish()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { vanish() }

  private func vanish() {
    guard context != nil else { return }
    context = nil
    isEnding = true
    timer.cancel()
    stall?.cancel()
    failBody()
    if request?.answer != .over { request?.whenGone?() }
    request?.whenGone = nil
    resumeWriter(false)
    leaveIfOver()
  }

  private func failBody() {
    guard case .wanted(_, _, let give)? = request?.body else { return }
    request?.body = .dropped
    give(.failure(.gone))
  }

  /// A connection counts until nothing of it is left, its task included.
  private func leaveIfOver() {
    guard context == nil, request?.isServed ?? true, let place else { return }
    open.leave(place)
    self.place = nil
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ChannelShouldQuiesceEvent {
      isQuiescing = true
      if request == nil { context.close(promise: nil) }
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isEnding else { return }
    reader.append(unwrapInboundIn(data).readableBytesView)
    pump()
  }

  /// Goes on with what has come, as far as it has somewhere to go.
  func pump() {
    while !isEnding, isWanted {
      let part: RequestReader.Part?
      do { part = try reader.next() } catch { return refuse(.refusing(error)) }
      switch part {
      case .head(let head): begin(head)
      case .body(let piece): take(piece)
      case .end: endBody()
      case nil:
        holdReading(false)
        return limitReading()
      }
    }
    holdReading(!isEnding && reader.unread >= limits.ahead)
  }

  private var isWanted: Bool {
    guard let request else { return !isQuiescing }
    return switch request.body {
    case .kept: request.head.framing == .none
    case .wanted, .dropped: true
    case .over: false
    }
  }

  /// What has begun to come has its time; what comes whole needs no clock.
  private func limitReading() {
    if request != nil {
      if !timer.isSet { limit(to: limits.bodyTime) }
    } else if reader.isInHead, !isHeadTimed {
      isHeadTimed = true
      limit(to: limits.headTime)
    }
  }

  private func holdReading(_ mustHold: Bool) {
    guard mustHold != isReadingHeld, let context else { return }
    isReadingHeld = mustHold
    // Fails only where the channel is closing.
    try? context.channel.syncOptions?.setOption(.autoRead, value: !mustHold)
  }

  private func begin(_ head: RequestHead) {
    guard let context, let executor else { return }
    isHeadTimed = false
    timer.clear()
    request = Request(head: head, isWaiting: head.wantsContinue)
    let exchange = HTTPExchange(head, self, context.channel)
    Task(executorPreference: executor) { [serve] in
      await serve(exchange)
      exchange.isServed()
    }
  }

  private func take(_ piece: ArraySlice<UInt8>) {
    guard case .wanted(let most, var bytes, let give)? = request?.body else { return }
    // Let go of first, so that the bytes are not copied.
    request?.body = .dropped
    guard bytes.count + piece.count <= most else { return give(.failure(.tooLarge)) }
    bytes += piece
    request?.body = .wanted(atMost: most, bytes, give: give)
  }

  private func endBody() {
    timer.clear()
    let body = request?.body
    request?.body = .over
    place?.becomes(.busy)
    if case .wanted(_, let bytes, let give)? = body { give(.success(bytes)) }
    endIfOver()
  }

  /// The request is over when it is read, answered, and nobody works on it.
  func endIfOver() {
    guard !isEnding, let request, request.answer == .over else { return }
    if closesAfterAnswer || isQuiescing { return end() }
    switch request.body {
    case .over:
      guard request.isServed else { return }
      self.request = nil
      place?.becomes(isKnown ? .resting : .stranger)
      limit(to: limits.idleTime)
      pump()
    case .kept, .wanted:
      self.request?.body = .dropped
      limit(to: limits.lingerTime)
      pump()
    case .dropped: break
    }
  }

  /// The task that serves the request is over.
  func isServed() {
    request?.isServed = true
    // Whoever serves and does not finish his answer has failed.
    if let answer = request?.answer, answer != .over { context?.close(promise: nil) }
    leaveIfOver()
    endIfOver()
  }

  // MARK: Ending

  /// Tells the client that nothing more comes, and lets it read that.
  func end() {
    guard !isEnding, let context else { return }
    isEnding = true
    failBody()
    holdReading(false)
    // First it has to take what is on its way.
    limit(to: limits.stallTime)
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    let told = context.eventLoop.makePromise(of: Void.self)
    told.futureResult.whenComplete { _ in
      let connection = bound.value
      // It only lingers: whoever comes may have its place.
      if connection.request?.isServed ?? true {
        connection.place?.becomes(connection.isKnown ? .resting : .stranger)
      }
      connection.limit(to: connection.limits.lingerTime)
    }
    context.close(mode: .output, promise: told)
  }

  /// Answers if an answer would still be understood, and ends.
  private func refuse(_ status: HTTPResponse.Status) {
    if request.map({ $0.answer == .none }) ?? true {
      send(ResponseText.head(HTTPResponse(status: status), .length(0), closes: true))
      request?.answer = .over
    }
    end()
  }

  private func timedOut() {
    if isEnding {
      context?.close(promise: nil)
      return
    }
    let isLate = request.map { $0.answer == .none } ?? isHeadTimed
    if isLate { refuse(.requestTimeout) } else { end() }
  }
}

// MARK: Time

extension HTTPConnection {
  /// A deadline that moves often and is reached rarely: the event loop is asked for one wake-up,
  /// which looks whether it is still early.
  private struct Timer {
    private(set) var due: NIODeadline?
    private var wake: Scheduled<Void>?
    private var wakeTime = NIODeadline.distantFuture

    var isSet: Bool { due != nil }
    mutating func clear() { due = nil }

    mutating func cancel() {
      due = nil
      wake?.cancel()
      wake = nil
    }

    /// Whether a wake-up has to be asked for.
    mutating func set(_ time: NIODeadline) -> Bool {
      due = time
      guard wake == nil || time < wakeTime else { return false }
      wake?.cancel()
      return true
    }

    mutating func woken(by wake: Scheduled<Void>, at time: NIODeadline) {
      self.wake = wake
      wakeTime = time
    }

    mutating func isAwake() { wake = nil }
  }

  func limit(to time: TimeAmount) {
    guard context != nil else { return }
    let due = NIODeadline.now() + time
    if timer.set(due) { wake(at: due) }
  }

  private func wake(at time: NIODeadline) {
    guard let loop = context?.eventLoop else { return }
    let bound = NIOLoopBound(self, eventLoop: loop)
    timer.woken(by: loop.scheduleTask(deadline: time) { bound.value.wake() }, at: time)
  }

  private func wake() {
    timer.isAwake()
    guard let due = timer.due else { return }
    if due > .now() { return wake(at: due) }
    timer.clear()
    timedOut()
  }
}

extension HTTPResponse.Status {
  fileprivate static func refusing(_ problem: SyntaxProblem) -> HTTPResponse.Status {
    switch problem {
    case .malformed: .badRequest
    case .targetTooLong: .uriTooLong
    case .fieldsTooLarge: .requestHeaderFieldsTooLarge
    case .versionNotSupported: .httpVersionNotSupported
    case .codingNotSupported: .notImplemented
    }
  }
}
