import Catalog
import Glibc
import Wire

/// What an operator's file is like: there or not, readable, safe from others, understood.
public struct FileExamination: Sendable, Hashable {
  public let path: String
  public let exists: Bool
  public let problems: [Problem]

  /// All files below `mcpFolder` that a gateway reads when nothing else is said.
  public static func all(in mcpFolder: String) -> [FileExamination] {
    let decoders: [(String, Decoder)] = [
      ("registry.yaml", { RegistryFile.decode($0, source: $1).problems }),
      ("config.yaml", { ConfigFile.decode($0, source: $1).problems }),
      ("tools.yaml", { ToolsFile.decode($0, source: $1).problems }),
      ("catalog.json", { CatalogIndex.decode($0, source: $1).problems }),
    ]
    let shelf = CatalogShelf(mcpFolder: mcpFolder)
    let listed: Result<[CatalogShelf.Entry], Problem> = Result { () throws(Problem) in
      try shelf.entries()
    }
    let files = decoders.map { FileExamination("\(mcpFolder)/\($0)", isRequired: false, $1) }
    switch listed {
    case .success(let entries):
      return files
        + entries.map {
          FileExamination(shelf.path(of: $0.name), isRequired: true, catalogProblems)
        }
    case .failure(let problem):
      return files.map { $0.path == shelf.indexPath ? $0.adding(problem) : $0 }
    }
  }

  private func adding(_ problem: Problem) -> FileExamination {
    FileExamination(path: path, exists: exists, problems: problems + [problem])
  }

  private init(path: String, exists: Bool, problems: [Problem]) {
    self.path = path
    self.exists = exists
    self.problems = problems
  }

  private typealias Decoder = ([UInt8], String) -> [Problem]

  private static func catalogProblems(_ bytes: [UInt8], _ path: String) -> [Problem] {
    let (catalog, problems) = CatalogDocument.decode(bytes, from: .localFile(path: path))
    return problems + catalog.unusable.flatMap(\.problems)
  }

  private init(_ path: String, isRequired: Bool, _ decode: Decoder) {
    self.path = path
    var problems: [Problem] = []
    var exists = false
    do throws(Problem) {
      if let bytes = try OperatorFile(path).read() {
        exists = true
        problems = try Self.exposure(path) + decode(bytes, path)
      } else if isRequired {
        problems = [Problem(source: path, "is listed in catalog.json, but not there")]
      }
    } catch {
      problems.append(error)
    }
    self.exists = exists
    self.problems = problems
  }

  /// These files decide what runs with which rights, so nobody else may write them.
  private static func exposure(_ path: String) throws(Problem) -> [Problem] {
    let target = try FilePath.following(path)
    return try exposure(ofPlace: target) + exposure(ofPlace: FilePath.folder(of: target))
  }

  private static func exposure(ofPlace place: String) throws(Problem) -> [Problem] {
    let status = try Descriptor.open(place, O_RDONLY).status(place)
    var problems: [Problem] = []
    if status.st_mode & 0o022 != 0 {
      problems.append(
        Problem(.warning, source: place, "others can write to it", hint: "chmod go-w '\(place)'"))
    }
    if status.st_uid != geteuid() && status.st_uid != 0 {
      problems.append(Problem(.warning, source: place, "belongs to another user"))
    }
    return problems
  }
}
