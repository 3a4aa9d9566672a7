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

  init(_ hook: Hook, _ places: ProgramPlaces) throws(Problem) {
    if let command = hook.command {
      guard let name = command.first, let program = places.program(name) else {
        throw Problem(
          source: hook.name,
          "there is no program \"\(PrintableText(command.first ?? ""))\" where hooks may run programs",
          hint: "write its absolute path, or grant reading its folder")
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
