import Secrets
import Wire

/// Turns hooks into stations: knows who can ask hooks of which kind. Made once for a gateway, so that
/// what lives longer than a call (a persistent hook's process, a connection) outlives a reload that
/// does not touch it.
public struct HookWorkshop: Sendable {
  /// Makes what asks one hook. It starts nothing yet, and throws where the hook could never be asked.
  public typealias Maker = @Sendable (Hook) throws(Problem) -> any HookRunner

  private let makers: [HookSpec.Kind: Maker]
  private let log: @Sendable (String) -> Void

  /// - Parameter log: writes a line for the operator.
  public init(_ makers: [HookSpec.Kind: Maker], log: @escaping @Sendable (String) -> Void) {
    self.makers = makers
    self.log = log
  }

  /// The stations of these hooks, in their order.
  public func stations(
    for hooks: [Hook], scanner: SecretScanner?
  ) throws(Problem) -> [any Interceptor] {
    var stations: [any Interceptor] = []
    for hook in hooks {
      stations.append(HookStation(hook, runner: try runner(for: hook), scanner: scanner, log: log))
    }
    return stations
  }

  /// What asks this hook.
  public func runner(for hook: Hook) throws(Problem) -> any HookRunner {
    guard let make = makers[hook.spec.kind] else {
      throw Problem(
        source: hook.name, "hooks of type \(hook.spec.kind.rawValue) are not in this version yet",
        hint: "use a hook of another type, or leave it out")
    }
    return try make(hook)
  }
}
