import OperatorFiles
import Wire

/// The operator's files, and the secrets' folder.
struct FileCheck {
  let mcpFolder: String
  let store: any SecretStore

  func findings() async -> [Finding] {
    FileExamination.all(in: mcpFolder).map(Self.finding) + [await secrets]
  }

  private static func finding(_ file: FileExamination) -> Finding {
    guard let first = file.problems.inReadingOrder.min(by: { $0.severity < $1.severity }) else {
      return Finding(file.path, .ok, file.exists ? "in order" : "not there; counts as empty")
    }
    let rest = file.problems.count - 1
    let detail = first.text + (rest > 0 ? ", and \(rest) more" : "")
    return Finding(
      file.path, first.severity == .error ? .fail : .warn, detail, remedy: first.hint)
  }

  private var secrets: Finding {
    get async {
      do throws(Problem) {
        let count = try await store.names().count
        return Finding("secrets", .ok, "\(count) in \(store.title)")
      } catch {
        return Finding("secrets", .fail, error.text, remedy: error.hint)
      }
    }
  }
}

extension Problem {
  /// Place and message, without the hint.
  fileprivate var text: String {
    let place = line.map { "line \($0)\(column.map { ", column \($0)" } ?? ""): " } ?? ""
    return place + message
  }
}
