import Glibc

/// Where names of programs and files lead to, for a confined program.
struct ProgramPlaces {
  private static let standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

  /// The folders of PATH from which the sandbox lets programs run. The others are left out, because a
  /// shim that is found there first (of a version manager, say) hides the program that could run.
  let searchPath: [String]
  private let home: String?
  private let workingFolder: String

  /// - Parameters:
  ///   - variables: the gateway's environment, of which PATH and HOME are used.
  ///   - granted: folders that the hook may use beyond those of the system.
  init(variables: [String: String], granted: [String], workingFolder: String) {
    home = variables["HOME"]
    self.workingFolder = workingFolder
    let runnable = Confinement.systemRunnable + granted
    let folders = [variables["PATH"] ?? "", Self.standardPath].lazy.map { path in
      path.split(separator: ":").map(String.init).filter { folder in
        runnable.contains { folder == $0 || folder.hasPrefix($0 == "/" ? $0 : $0 + "/") }
      }
    }
    searchPath = folders.first { !$0.isEmpty } ?? []
  }

  /// A program by its name in PATH, or by its path.
  func program(_ name: String) -> String? {
    if name.contains("/") { return file(name).flatMap { Self.isProgram($0) ? $0 : nil } }
    let candidates = searchPath.map { "\($0)/\(name)" }
    return name.isEmpty ? nil : candidates.first(where: Self.isProgram)
  }

  /// The absolute path of a file that is there. A word without a slash could mean anything.
  func file(_ name: String) -> String? {
    guard name.contains("/") || name.contains(".") else { return nil }
    var path = name
    if name.hasPrefix("~/"), let home { path = home + name.dropFirst() }
    if !path.hasPrefix("/") { path = "\(workingFolder)/\(path)" }
    return Self.isFile(path) ? path : nil
  }

  private static func isProgram(_ path: String) -> Bool {
    unsafe isFile(path) && access(path, X_OK) == 0
  }

  private static func isFile(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}
