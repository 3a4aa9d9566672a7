import FoundationEssentials
import Gateway
import Glibc

/// What the process was given when it was started.
enum Inheritance {
  static let variables = ProcessInfo.processInfo.environment

  static func surroundings(docker: DockerChoice) -> Surroundings {
    Surroundings(
      variables: variables, passwordHome: passwordHome, program: programPath, docker: docker)
  }

  private static var passwordHome: String? {
    var entry = unsafe passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16384)
    let status = unsafe getpwuid_r(getuid(), &entry, &buffer, buffer.count, &found)
    guard status == 0, let home = unsafe found?.pointee.pw_dir else { return nil }
    return unsafe String(cString: home)
  }

  /// As the caller named it when that is a path: a symlink tells where the plugin is installed,
  /// the file it points to does not.
  static var programPath: String? {
    guard let name = CommandLine.arguments.first, name.contains("/") else { return executable }
    return name.hasPrefix("/") ? name : "\(FileManager.default.currentDirectoryPath)/\(name)"
  }

  /// The program's file, symlinks resolved.
  static var executable: String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  }
}
