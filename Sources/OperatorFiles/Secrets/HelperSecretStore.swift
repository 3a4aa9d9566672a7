import Catalog
import Wire

/// Secrets in the docker CLI's credential helper, as logins of made-up servers.
public struct HelperSecretStore: SecretStore {
  private let helper: CredentialHelper
  public var title: String { FilePath.name(of: helper.program) }

  /// No server of this name can exist: `.local` is never looked up in the public DNS.
  private static let prefix = "https://mcp-gateway.local/secret/"
  private static let userName = "secret"

  init(_ helper: CredentialHelper) { self.helper = helper }

  public func set(_ name: SecretName, to value: Secret) async throws(Problem) {
    let login = JSONText(object: [
      ("ServerURL", JSONText(string: Self.url(name))),
      ("Username", JSONText(string: Self.userName)),
      ("Secret", JSONText(string: value.exposed)),
    ])
    let answer = try await helper.perform(.store, Array(login.bytes))
    guard answer.isSuccess else { throw failure("could not store \(name.text)") }
  }

  /// Asks for the list first: helpers tell "not found" from "locked" only in words.
  public func value(of name: String) async throws -> Secret? {
    guard let name = try? SecretName(name), try await names().contains(name) else { return nil }
    let answer = try await helper.perform(.get, Array(Self.url(name).utf8))
    guard answer.isSuccess, let login = try? JSONText(validating: answer.output),
      let value = login["Secret"]?.string
    else { throw failure("could not read \(name.text)") }
    return Secret(value)
  }

  public func names() async throws(Problem) -> [SecretName] {
    let answer = try await helper.perform(.list, [])
    guard answer.isSuccess, let logins = try? JSONText(validating: answer.output),
      logins.kind == .object
    else { throw failure("could not list its entries") }
    return logins.members.map(\.name).filter { $0.hasPrefix(Self.prefix) }
      .compactMap { try? SecretName(String($0.dropFirst(Self.prefix.count))) }.sorted()
  }

  public func remove(_ name: SecretName) async throws(Problem) -> Bool {
    guard try await names().contains(name) else { return false }
    let answer = try await helper.perform(.erase, Array(Self.url(name).utf8))
    guard answer.isSuccess else { throw failure("could not remove \(name.text)") }
    return true
  }

  private static func url(_ name: SecretName) -> String { prefix + name.text }

  private func failure(_ message: String) -> Problem {
    Problem(
      source: title, message,
      hint: "is the keychain unlocked? without credsStore in config.json files are used")
  }
}
