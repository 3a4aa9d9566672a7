import Secrets
import Wire

/// The secrets scanner at the two doors of the pipeline: towards a server and towards the client.
public struct SecretScan: Sendable {
  private let scanner: SecretScanner
  /// For each server the names of the secrets that it was given: it may be told those again.
  private let ownSecrets: [String: Set<String>]

  public init(_ scanner: SecretScanner, ownSecrets: [String: Set<String>]) {
    self.scanner = scanner
    self.ownSecrets = ownSecrets
  }

  /// Refuses a call that carries a secret to a server that does not own it.
  public func check(_ call: Call) throws(Refusal) {
    try check(call.params, to: call.server)
  }

  /// Refuses data for a server that does not own the secret in it.
  public func check(_ text: JSONText, to server: String) throws(Refusal) {
    try check(text, knownTo: ownSecrets[server] ?? []) {
      "a secret is being passed to \(server)"
    }
  }

  /// Refuses what a server sends when it holds a secret, its own ones included: the client is not
  /// their owner.
  public func check(_ text: JSONText, from server: String) throws(Refusal) {
    try check(text, knownTo: []) { "\(server) returned a secret" }
  }

  private func check(
    _ text: JSONText, knownTo names: Set<String>, _ what: () -> String
  ) throws(Refusal) {
    let finding: Finding?
    do { finding = try scanner.firstFinding(in: text, ownedBy: names) } catch {
      throw Refusal(
        .overLimit, rule: "secrets",
        message: "the message could not be scanned for secrets and is therefore refused: \(error)")
    }
    guard let finding else { return }
    throw Refusal(
      .secretFound, rule: finding.ruleName, path: finding.path.description,
      message: "\(what()): \(finding)")
  }
}
