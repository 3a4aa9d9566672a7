import Glibc
import Interceptors
import Wire

/// What an `exec` hook runs, and what it must be able to read for that.
struct ExecCommand {
  /// An absolute path and its arguments.
  let words: [String]
  /// Files that the operator named on the command line: they may be read and run.
  let files: [String]

  private static let shell = "/bin/sh"
  /// Characters that no shell gives a meaning to.
  private static let plain = Set(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./- ".utf8)
  /// What ends a word of a shell line, for looking for files' names in it.
  private static let separators = Set(" \t\n\"'`;|&<>(){}[]$=,*?!#".utf8)

  /// - Parameters:
  ///   - variables: the gateway's environment, of which PATH and HOME are used.
  ///   - workingFolder: where relative names begin.
  init(
    _ hook: Hook, variables: [String: String], workingFolder: String
  ) throws(Problem) {
    let places = Places(variables: variables, workingFolder: workingFolder)
    if let command = hook.command {
      guard let name = command.first, let program = places.program(name) else {
        throw Problem(
          source: hook.name, "there is no program \"\(PrintableText(command.first ?? ""))\"",
          hint: "write an absolute path, or a name that PATH leads to")
      }
      words = [program] + command.dropFirst()
      files = [program] + command.dropFirst().compactMap(places.file)
      return
    }
    let line = hook.spec.argument
    // A shell would do nothing but start the program: it is started without one, in half the time.
    if line.utf8.allSatisfy(Self.plain.contains) {
      let plain = line.split(separator: " ").map(String.init)
      if let name = plain.first, !name.contains("="), let program = places.program(name) {
        words = [program] + plain.dropFirst()
        files = [program] + plain.dropFirst().compactMap(places.file)
        return
      }
    }
    words = [Self.shell, "-c", line]
    let parts = line.utf8.split(whereSeparator: Self.separators.contains).map { String($0) ?? "" }
    files = parts.compactMap { places.file($0) ?? places.program($0) }
  }
}

/// Where names lead to.
private struct Places {
  let home: String?
  let searchPath: [String]
  let workingFolder: String

  init(variables: [String: String], workingFolder: String) {
    home = variables["HOME"]
    searchPath = (variables["PATH"] ?? HookEnvironment.standardPath).split(separator: ":")
      .map(String.init)
    self.workingFolder = workingFolder
  }

  /// A program by its name in PATH, or by its path.
  func program(_ name: String) -> String? {
    if name.contains("/") { return file(name).flatMap { Self.isProgram($0) ? $0 : nil } }
    let candidates = searchPath.filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
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

/// The variables that an `exec` hook gets.
enum HookEnvironment {
  static let standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  /// What programs need to find each other and to speak the user's language. None is a secret.
  private static let passed = ["HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ"]

  static func variables(of gateway: [String: String], granted: [String: String]) -> [String: String]
  {
    var variables = gateway.filter { passed.contains($0.key) }
    variables["PATH"] = gateway["PATH"] ?? standardPath
    return variables.merging(granted) { _, granted in granted }
  }
}
