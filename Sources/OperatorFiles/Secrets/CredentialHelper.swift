import Catalog
import Dispatch
import Glibc
import Wire

/// A `docker-credential-…` program: one action a start, its input on stdin, its answer on stdout.
public struct CredentialHelper: Sendable, Hashable {
  public let program: String

  /// A keychain may ask its user to unlock it.
  static let patience = Duration.seconds(60)

  /// The helper's program in the folders of `searchPath`; nil if it is not installed. The name
  /// comes from a file, so it must not lead elsewhere.
  public static func find(_ name: String, in searchPath: String) -> String? {
    guard Names.isFile(name) else { return nil }
    return searchPath.split(separator: ":")
      .filter { $0.hasPrefix("/") }
      .map { "\($0)/docker-credential-\(name)" }
      .first { unsafe access($0, X_OK) == 0 }
  }

  enum Action: String, Sendable { case store, get, erase, list }

  struct Answer: Sendable {
    let isSuccess: Bool
    let output: [UInt8]
  }

  /// The output may hold a secret and the helpers print errors to stdout as well, so none of it
  /// ever goes into a message.
  func perform(_ action: Action, _ input: [UInt8]) async throws(Problem) -> Answer {
    let child = ChildProcess(program: program, arguments: [action.rawValue])
    let result: Result<ChildProcess.Output, Problem> = await withCheckedContinuation { done in
      DispatchQueue(label: "credential helper").async {
        done.resume(
          returning: Result { () throws(Problem) in
            try child.run(input: input, patience: Self.patience)
          })
      }
    }
    let output = try result.get()
    return Answer(isSuccess: output.status == 0, output: output.bytes)
  }
}
