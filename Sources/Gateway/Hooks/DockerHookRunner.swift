import ContainerEngine
import Interceptors
import Synchronization
import Wire

/// Asks a hook that is a container image: a container of its own for each call, hardened like those
/// of servers, the message on its standard input, the answer on its standard output.
final class DockerHookRunner: HookRunner {
  private static let mostStderrLines = 100

  private let name: String
  private let order: ContainerLauncher.Order
  private let launcher: ContainerLauncher
  private let slots: ContainerSlots
  private let farewells: Farewells
  private let spare: SpareHookContainer?

  /// Starts nothing yet.
  ///
  /// - Parameters:
  ///   - slots: bounds the containers of all hooks. Not those of servers: a call holds its server's
  ///     while it waits for its hook's.
  ///   - onStderr: gets what hooks write to stderr.
  init(
    _ hook: Hook, launcher: ContainerLauncher, slots: ContainerSlots, farewells: Farewells,
    onStderr: @escaping @Sendable (_ hook: String, _ line: String) -> Void
  ) throws(Problem) {
    guard let words = hook.words, let image = words.first, !image.isEmpty else {
      throw Problem(
        source: hook.name, "names no image, or a quote in it has no end",
        hint: "write the image and its arguments, quoted as for a shell")
    }
    do { _ = try ImageReference(image) } catch {
      throw Problem(source: hook.name, "\(error)")
    }
    name = hook.name
    var order = ContainerLauncher.Order(
      server: hook.name, name: hook.name, image: image, command: Array(words.dropFirst()))
    order.kind = "interceptor"
    order.environment = hook.grants.environment
    order.isNetworkDisabled = !hook.grants.network
    self.order = order
    var launcher = launcher
    launcher.onStderr = onStderr
    launcher.mostStderrLines = Self.mostStderrLines
    self.launcher = launcher
    self.slots = slots
    self.farewells = farewells
    spare = hook.isWarm ? SpareHookContainer(farewells: farewells) : nil
  }

  func run(_ request: HookRequest) async throws(HookFailure) -> [UInt8] {
    do {
      return try await withTimeLimit(request.deadline - .now) { [self] in try await ask(request) }
    } catch {
      throw failure(error)
    }
  }

  func close() async {
    await spare?.close()?.end()
  }

  // MARK: Asking

  private func ask(_ request: HookRequest) async throws -> [UInt8] {
    let asked = try await container(until: request.deadline)
    defer { farewells.add { await asked.end() } }
    spare?.fill { [self] in try await start(.spare, within: .zero) }
    let attachment = asked.container.attachment
    // Beside the reading: a hook that answers before it has read all would otherwise wait for us.
    async let isWritten: Void = write(request.message, to: attachment)
    let output = try await output(of: attachment, largest: request.largestOutput)
    await isWritten
    guard let exit = await asked.container.exit(within: request.deadline - .now) else {
      throw HookFailure(.engine, "was lost by the container engine")
    }
    if let error = exit.error, !error.isEmpty {
      throw HookFailure(.cannotStart, "could not be started", detail: "\(PrintableText(error))")
    }
    switch exit.code {
    case 0: return output
    // The engine tells signals as a shell does.
    case 129...192: throw HookFailure.killed(bySignal: Int(exit.code) - 128)
    default: throw HookFailure.exitStatus(Int(exit.code))
    }
  }

  private func container(
    until deadline: ContinuousClock.Instant
  ) async throws -> SpareHookContainer.Held {
    if let held = await spare?.take() { return held }
    return try await start(.call, within: deadline - .now)
  }

  private func start(
    _ urgency: ContainerSlots.Urgency, within limit: Duration
  ) async throws -> SpareHookContainer.Held {
    let slot = try await slots.acquire(urgency, within: limit)
    do {
      return SpareHookContainer.Held(container: try await launcher.launch(order), slot: slot)
    } catch {
      slot.release()
      throw error
    }
  }

  /// A hook need not read what it is told: what it says counts all the same.
  private func write(_ message: JSONText, to attachment: Attachment) async {
    try? await attachment.writeLine(Array(message.bytes))
    await attachment.closeInput()
  }

  private func output(of attachment: Attachment, largest: Int) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for try await chunk in attachment.output {
      guard bytes.count + chunk.readableBytes <= largest else {
        throw HookFailure.outputTooLarge(largest)
      }
      bytes.append(contentsOf: chunk.readableBytesView)
    }
    return bytes
  }

  // MARK: What went wrong

  private func failure(_ error: any Error) -> HookFailure {
    switch error {
    case let failure as HookFailure: failure
    case is TimeLimitReached: .timeout
    case is CancellationError: .cancelled
    case let fault as Fault: failure(fault)
    case is Refusal: HookFailure(.busy, "waits for other hooks' containers for too long")
    case let error as EngineError:
      HookFailure(.engine, "was lost by the container engine", detail: error.description)
    default: HookFailure(.engine, "could not be run", detail: "\(error)")
    }
  }

  private func failure(_ fault: Fault) -> HookFailure {
    switch fault.kind {
    case .cancelled: .cancelled
    case .image:
      HookFailure(
        .image, "has no image: \(PrintableText(order.image, limit: 200)) could not be had",
        detail: fault.message)
    case .engine:
      HookFailure(.engine, "could not be run by the container engine", detail: fault.message)
    default: HookFailure(.cannotStart, "could not be started", detail: fault.message)
    }
  }
}
