import Synchronization
import Wire

/// The named tokens in force; they can be replaced while the gateway runs.
public final class NamedTokens: Sendable {
  private let entries: Mutex<[TokenFile.Entry]>

  public init(_ file: TokenFile) { entries = Mutex(file.entries) }

  public func replace(with file: TokenFile) { entries.withLock { $0 = file.entries } }

  /// Looks at every entry, so that the time does not tell which one it was.
  func name(of token: TokenDigest) -> TokenName? {
    var found: TokenName?
    for entry in entries.withLock(\.self) where entry.digest == token { found = entry.name }
    return found
  }
}
