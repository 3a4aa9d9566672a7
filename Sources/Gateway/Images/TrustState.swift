import Catalog
import Wire

/// What became of `--verify-signatures` in one plan.
enum TrustState: Sendable {
  case off
  case on(ImageTrust, warnings: [Problem], watched: [WatchedFile])
  /// Nothing may start.
  case broken(Problem, watched: [WatchedFile])

  var trust: ImageTrust? { if case .on(let trust, _, _) = self { trust } else { nil } }

  var identity: String? { trust?.identity }

  var problems: [Problem] {
    switch self {
    case .off: []
    case .on(_, let warnings, _): warnings
    case .broken(let problem, _): [problem]
    }
  }

  var isBroken: Bool { if case .broken = self { true } else { false } }

  var watchedFiles: [WatchedFile] {
    switch self {
    case .off: []
    case .on(_, _, let watched), .broken(_, let watched): watched
    }
  }
}
