import Synchronization

/// A container that was created, attached and started in one go, and is taken away in one go.
public final class LaunchedContainer: Sendable {
  public let id: ContainerID
  public let attachment: Attachment
  /// The image as it was asked for: the Id of what runs.
  public let image: String
  private let engine: Engine
  private let isRemovedAfterExit: Bool
  private let latch = ExitLatch()
  private let waiting: Waiting
  private let termination = Mutex<Task<Void, Never>?>(nil)

  private init(
    _ id: ContainerID, _ attachment: Attachment, _ waiting: Waiting, _ spec: ContainerSpec,
    _ engine: Engine
  ) {
    self.id = id
    self.attachment = attachment
    self.engine = engine
    image = spec.image
    self.waiting = waiting
    isRemovedAfterExit = spec.isRemovedAfterExit
    Task { [latch] in latch.settle(try? await waiting.exit()) }
  }

  /// A container that its owner forgot does not stay.
  deinit {
    waiting.cancel()
    guard termination.withLock({ $0 == nil }) else { return }
    Task { [engine, id, attachment, isRemovedAfterExit] in
      await attachment.close()
      if isRemovedAfterExit { await engine.removeWithoutFail(id) }
    }
  }

  /// Creates, attaches and starts a container. When this throws, also because the task was
  /// cancelled, the container is gone.
  ///
  /// - Parameter onStderrLine: see ``Engine/attach(_:onStderrLine:)``.
  public static func launch(
    _ spec: ContainerSpec, on engine: Engine, name: String? = nil,
    onStderrLine: (@Sendable (String) -> Void)? = nil
  ) async throws -> LaunchedContainer {
    try Task.checkCancellation()
    // Not cancelled with us: the answer is the only thing that says what to take away again.
    let creation = Task { try await engine.createContainer(spec, name: name) }
    let id = try await creation.value
    do {
      try Task.checkCancellation()
      return try await attachAndStart(id, spec, engine, onStderrLine)
    } catch {
      await engine.removeWithoutFail(id)
      throw error
    }
  }

  private static func attachAndStart(
    _ id: ContainerID, _ spec: ContainerSpec, _ engine: Engine,
    _ onStderrLine: (@Sendable (String) -> Void)?
  ) async throws -> LaunchedContainer {
    // The wait must be known to the engine before the start, or an early end leaves no exit code.
    async let pendingWait = engine.beginWait(
      id, until: spec.isRemovedAfterExit ? .removed : .nextExit)
    let attachment = try await engine.attach(id, onStderrLine: onStderrLine)
    do {
      let waiting = try await pendingWait
      try await engine.start(id)
      return LaunchedContainer(id, attachment, waiting, spec, engine)
    } catch {
      await attachment.close()
      throw error
    }
  }

  /// How it ended; nil if it has not within `limit`, or the engine cannot say. With removal after
  /// exit this comes when the container is gone.
  public func exit(within limit: Duration) async -> ContainerExit? {
    await latch.wait(within: limit)
  }

  /// Ends the container: closes its input, gives it `grace` to end by itself, kills and removes it
  /// (kills it only, if it was to stay after its exit). Safe to call often and from anywhere, also
  /// when the caller's task is cancelled; returns when it is done.
  public func terminate(grace: Duration = .zero) async {
    let task = termination.withLock { running in
      if let running { return running }
      let task = Task { await end(grace: grace) }
      running = task
      return task
    }
    await task.value
  }

  private func end(grace: Duration) async {
    if grace > .zero {
      await attachment.closeInput()
      _ = await latch.wait(within: grace)
    }
    // First this: the engine does not end a container whose output nobody takes.
    await attachment.close()
    if latch.exit == nil { await takeAway() }
    waiting.cancel()
  }

  private func takeAway() async {
    if isRemovedAfterExit {
      await engine.removeWithoutFail(id)
    } else {
      await engine.killWithoutFail(id)
    }
    // The answer to the wait may come a moment after that to the call.
    _ = await latch.wait(within: .seconds(5))
  }
}
