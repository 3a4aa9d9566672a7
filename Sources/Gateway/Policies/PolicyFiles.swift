import Catalog
import Policy
import Wire

/// Reads the policy files that an operator named. A missing, wrong or unsafe one is an error: nothing
/// may start without a protection that was asked for.
public struct PolicyFiles: Sendable {
  private static let largest = 1 << 20
  private static let mostFiles = 256
  private static let endings = [".yaml", ".yml"]

  /// All of them together.
  public private(set) var set = PolicySet()
  public private(set) var problems: [Problem] = []
  /// What was read, with the folders whose new files would count.
  public private(set) var watched: [WatchedFile] = []

  private var files: [PolicyFile] = []

  /// How many files could be read.
  public var count: Int { files.count }

  /// - Parameters:
  ///   - paths: files and folders in the order of the command line.
  ///   - folder: absolute; what relative paths start from.
  public init(_ paths: [String], from folder: String) {
    var seen: Set<String> = []
    for path in paths.flatMap({ named($0, from: folder) }) where seen.insert(path).inserted {
      read(path)
    }
    let (set, problems) = PolicySet.composed(files)
    self.set = set
    self.problems = (self.problems + problems).inReadingOrder
  }

  /// The file, or the policy files of the folder by name.
  private mutating func named(_ written: String, from folder: String) -> [String] {
    var path = written.hasPrefix("/") ? written : "\(folder)/\(written)"
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    let here = WatchedFile(path + "/.")
    do throws(Problem) {
      guard let names = try OwnFolder.names(in: path) else { return [path] }
      watched.append(here)
      let found = names.filter { name in Self.endings.contains { name.hasSuffix($0) } }.sorted()
      if found.isEmpty {
        problems.append(
          Problem(
            source: path, "the folder holds no policy file",
            hint: "name files NAME.yaml, or leave --policy out"))
      }
      guard found.count <= Self.mostFiles else {
        problems.append(Problem(source: path, "there are more than \(Self.mostFiles) policy files"))
        return []
      }
      return found.map { "\(path)/\($0)" }
    } catch {
      watched.append(here)
      problems.append(error)
      return []
    }
  }

  private mutating func read(_ path: String) {
    watched.append(WatchedFile(path))
    do throws(Problem) {
      guard let bytes = try OwnFile.readPublic(path, maximumBytes: Self.largest) else {
        problems.append(
          Problem(
            source: path, "there is no such policy file",
            hint: "--policy takes a path, relative to the working folder"))
        return
      }
      let (file, found) = PolicyFile.decode(bytes, source: path)
      problems += found
      files.append(file)
    } catch {
      problems.append(error)
    }
  }
}
