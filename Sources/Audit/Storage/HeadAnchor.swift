import Glibc
import Wire

/// Remembers, beside the keys, how far a log had come at its last checkpoint. Who cuts off a log's
/// end, or takes a whole log away, and does not find this file as well, is noticed.
struct HeadAnchor: Sendable {
  /// What was remembered.
  struct Memory: Sendable {
    let log: LogID
    let place: String
    let line: [UInt8]
    let record: RecordLine

    func isSigned(by keys: TrustedKeys) -> Bool { Checkpoint.isSigned(line, by: keys) }
  }

  private static let longest = 16_384

  let folder: String

  func remember(_ checkpoint: [UInt8], of log: LogID, at place: LogPlace) throws(Problem) {
    try Folder.make(folder)
    let path = "\(folder)/\(log)"
    let temporary = "\(folder)/.\(log).\(LogID.random())"
    let file = try OpenFile.make(temporary)
    do throws(Problem) {
      try file.write(Array("\(Self.real(place.path))\n".utf8) + checkpoint)
      // Before it gets its name: after a loss of power an empty file would stop the next gateway.
      try file.synchronize()
      guard unsafe rename(temporary, path) == 0 else { throw .system("cannot be replaced", path) }
      try Folder.synchronize(folder)
    } catch {
      unsafe unlink(temporary)
      throw error
    }
  }

  /// Nil if nothing is remembered of it.
  func memory(of log: LogID) throws(Problem) -> Memory? {
    let path = "\(folder)/\(log)"
    guard let file = try OpenFile.existing(path, O_RDONLY) else { return nil }
    let bytes = try file.read(atMost: Self.longest)
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    guard lines.count == 2, let record = try? RecordLine(Array(lines[1])),
      record.type == .checkpoint
    else {
      throw Problem(
        source: path, "does not say what a gateway writes here about a log",
        hint: "verify the log and then remove this file")
    }
    return Memory(
      log: log, place: String(decoding: lines[0], as: UTF8.self), line: Array(lines[1]),
      record: record)
  }

  /// What is remembered of the logs at a place.
  func memories(of place: LogPlace) throws(Problem) -> [Memory] {
    guard Folder.exists(folder) else { return [] }
    let path = Self.real(place.path)
    var memories: [Memory] = []
    for name in try Folder.names(in: folder).sorted() {
      guard let log = LogID(name), let memory = try memory(of: log), memory.place == path else {
        continue
      }
      memories.append(memory)
    }
    return memories
  }

  /// The path without links; the path as it is where it leads nowhere.
  private static func real(_ path: String) -> String {
    guard let text = unsafe realpath(path, nil) else { return path }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }
}
