import Catalog
import ContainerEngine
import Interceptors
import NIOCore
import Policy
import Wire

/// Runs tools that are plain container images: one container for each call, its standard output the
/// result.
struct ContainerToolRunner: Sendable {
  private static let mostOutput = 8 << 20

  let launcher: ContainerLauncher
  let slots: ContainerSlots
  let farewells: Farewells
  let startTimeout: Duration

  func run(
    _ server: PlannedServer, _ permit: Permit, noting trail: inout CallTrail,
    within limit: Duration
  ) async throws -> CallResult {
    let call = permit.call
    guard case .containerTools(let tools) = server.carrier, call.method == .callTool,
      let tool = tools.first(where: { $0.tool.name == call.target })
    else {
      throw RPCError.invalidParams("\(server.name) has nothing of this name")
    }
    let order: ContainerLauncher.Order
    do { order = Self.order(server, try tool.run(arguments: call.arguments), call.target) } catch {
      // The model can mend its arguments, so it gets a result (MCP, Tools, Error Handling).
      return Self.result(error.description, isError: true)
    }
    let slot = try await slots.acquire(.call, within: startTimeout)
    let container: LaunchedContainer
    do { container = try await launcher.launch(order) } catch {
      slot.release()
      throw error
    }
    defer {
      farewells.add {
        await container.terminate()
        slot.release()
      }
    }
    trail.image = container.image
    return try await result(of: container, server.name, &trail, limit)
  }

  private static func order(_ server: PlannedServer, _ run: ToolRun, _ tool: String)
    -> ContainerLauncher.Order
  {
    var order = ContainerLauncher.Order(
      server: server.name, name: tool, image: run.image, command: run.command)
    order.mounts = run.mounts
    order.user = run.user
    order.hasInput = false
    return order
  }

  private func result(
    of container: LaunchedContainer, _ server: String, _ trail: inout CallTrail, _ limit: Duration
  ) async throws -> CallResult {
    do {
      let output = try await withTimeLimit(limit) { try await Self.output(of: container, server) }
      guard let exit = await container.exit(within: .seconds(10)) else {
        throw Fault(.serverGone, from: .engine, "\(server): the engine lost the tool's container")
      }
      trail.exitCode = Int(exit.code)
      if exit.code == 0 { return Self.result(output, isError: false) }
      let words = [output, ContainerDiagnosis.quotation(container) ?? ""].filter { !$0.isEmpty }
      return Self.result(
        (words + ["exit code \(exit.code)"]).joined(separator: "\n"), isError: true)
    } catch is TimeLimitReached {
      throw Fault(
        .timeout, from: .server,
        "the tool's container of \(server) did not end within \(limit.components.seconds) s")
    } catch let error as EngineError {
      throw Fault(.serverGone, from: .engine, "\(server): \(error.message)")
    } catch is CancellationError {
      throw Fault(.cancelled, from: .client, "the call was cancelled")
    }
  }

  private static func output(
    of container: LaunchedContainer, _ server: String
  ) async throws -> String {
    var bytes: [UInt8] = []
    for try await chunk in container.attachment.output {
      guard bytes.count + chunk.readableBytes <= mostOutput else {
        throw Fault(
          .tooLarge, from: .server, "the tool of \(server) wrote more than \(mostOutput) bytes")
      }
      bytes.append(contentsOf: chunk.readableBytesView)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func result(_ text: String, isError: Bool) -> CallResult {
    let block = JSONText(object: [
      ("type", JSONText(string: "text")), ("text", JSONText(string: text)),
    ])
    return CallResult(
      JSONText(object: [("content", JSONText(array: [block])), ("isError", JSONText(isError))]))
  }
}

extension Listing {
  /// What the catalog says of container tools; nobody has to be asked.
  init(_ tools: [ContainerToolRecipe]) {
    self.init()
    self.tools = tools.map { recipe in
      var members = [("name", JSONText(string: recipe.tool.name))]
      if let description = recipe.tool.description {
        members.append(("description", JSONText(string: description)))
      }
      members.append(("inputSchema", recipe.tool.inputSchema))
      return Entry(name: recipe.tool.name, text: JSONText(object: members))
    }
  }
}
