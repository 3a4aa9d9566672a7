import Glibc
import Wire

/// Finds, or makes, the log that a gateway writes to, and mends what a crash has left.
struct LogOpening {
  struct Opened {
    var storage: SegmentedLog
    let head: ChainHead
    let torn: LogTail.Torn?
  }

  let place: LogPlace
  let anchor: HeadAnchor
  /// Logs that are left alone because they are not as a gateway leaves them, for people.
  private(set) var findings: [String] = []

  init(_ place: LogPlace, _ anchor: HeadAnchor) {
    self.place = place
    self.anchor = anchor
  }

  mutating func open() throws(Problem) -> Opened {
    switch place {
    case .folder(let path): try openFolder(path)
    case .file(let path): try openFile(path)
    }
  }

  // MARK: A folder

  private mutating func openFolder(_ path: String) throws(Problem) -> Opened {
    try Folder.make(path)
    try Folder.check(path)
    for log in try LogFiles.all(at: place) {
      do throws(Problem) {
        if let opened = try take(log) { return opened }
      } catch {
        findings.append("this log is left alone, and another one begun: \(error)")
      }
    }
    let log = LogID.random()
    let file = try SegmentedLog.make("\(path)/\(LogFiles.name(log, 1))", replacing: false)
    return Opened(
      storage: SegmentedLog(place, log, file, size: 0), head: .beginning, torn: nil)
  }

  /// Nil if another gateway writes to it.
  private func take(_ files: LogFiles) throws(Problem) -> Opened? {
    guard let log = files.log, let last = files.files.last, let file = try Self.writable(last),
      try file.lock(), try file.isStillThere(),
      // Another gateway may have gone on to the next file before we had the lock.
      try LogFiles.all(at: place).first(where: { $0.log == log })?.files.last == last
    else { return nil }
    return try opened(file, log, before: files.files.dropLast().last)
  }

  // MARK: A file

  private func openFile(_ path: String) throws(Problem) -> Opened {
    try Folder.make(Folder.above(path))
    // Between looking and locking the file may be rotated away; then the new one is looked at.
    for _ in 0..<10 {
      let older = try LogFiles.rotated(path).last?.path
      guard let file = try Self.writable(path) else {
        if let opened = try makeFile(path, older) { return opened }
        continue
      }
      guard try file.lock() else {
        throw Problem(
          source: path, "another gateway writes to this audit log",
          hint: "give each its own file, or name a folder: then each makes its own")
      }
      guard try file.isStillThere() else { continue }
      try removeInterrupted(path)
      let log = if let own = try Self.log(in: file) { own } else { try Self.log(after: older) }
      return try opened(file, log, before: older)
    }
    throw Problem(source: path, "is being replaced again and again")
  }

  /// Nil if another gateway was faster.
  private func makeFile(_ path: String, _ older: String?) throws(Problem) -> Opened? {
    let file: OpenFile
    do throws(Problem) { file = try SegmentedLog.make(path, replacing: false) } catch {
      if try Self.writable(path) != nil { return nil }
      throw error
    }
    return try opened(file, Self.log(after: older), before: older)
  }

  /// A rotation that stopped in the middle has left the file under its next name as well.
  private func removeInterrupted(_ path: String) throws(Problem) {
    let name = Folder.name(of: path) + "."
    let folder = Folder.above(path)
    for other in try Folder.names(in: folder) where other.hasPrefix(name) {
      let old = "\(folder)/\(other)"
      if Int(other.dropFirst(name.count)) != nil, LogFiles.isSameFile(old, path) {
        unsafe unlink(old)
      }
    }
  }

  /// The log of an empty file: that of the file before it, or a new one.
  private static func log(after older: String?) throws(Problem) -> LogID {
    guard let older, let file = try OpenFile.existing(older, O_RDONLY) else { return .random() }
    return try log(in: file) ?? .random()
  }

  /// Every file of a log begins with a record that names the log; nil in an empty one.
  private static func log(in file: OpenFile) throws(Problem) -> LogID? {
    let start = try file.read(at: 0, 8_192)
    guard let end = start.firstIndex(of: UInt8(ascii: "\n")) else {
      // Half a first record may be left by a crash; anything else is somebody's.
      guard start.count < 8_192, zip(start, RecordForm.start).allSatisfy({ $0 == $1 }) else {
        throw foreign(file)
      }
      return nil
    }
    guard let record = try? RecordLine(Array(start[..<end])), record.type == .open,
      let log = record.text["log"]?.string.flatMap({ LogID($0) })
    else { throw foreign(file) }
    return log
  }

  private static func foreign(_ file: OpenFile) -> Problem {
    Problem(
      source: file.path, line: 1, "this is no audit log",
      hint: "name another file; this one is not touched")
  }

  // MARK: Both

  private static func writable(_ path: String) throws(Problem) -> OpenFile? {
    guard let file = try OpenFile.existing(path, O_RDWR | O_APPEND) else { return nil }
    let status = try file.status()
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Problem(source: path, "is no regular file")
    }
    guard status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
      throw Problem(
        source: path, "an audit log must be yours and not writable by others",
        hint: "chmod go-w, or name another with --audit")
    }
    return file
  }

  /// Cuts off half a line, and makes sure that nothing else is missing.
  private func opened(
    _ file: OpenFile, _ log: LogID, before older: String?
  ) throws(Problem) -> Opened {
    let tail = try LogTail(of: file)
    let head = if let record = tail.record { record.head } else { try Self.head(of: older) }
    if let memory = try anchor.memory(of: log), memory.record.sequence > head.sequence {
      throw Problem(
        source: file.path,
        "records \(head.sequence + 1) to \(memory.record.sequence) were here and are gone",
        hint: "keep the files for an examination, and name another place with --audit")
    }
    if tail.torn != nil, !file.truncate(to: tail.wholeSize) {
      throw .system("half a line at its end cannot be cut off", file.path)
    }
    return Opened(
      storage: SegmentedLog(place, log, file, size: tail.wholeSize), head: head, torn: tail.torn)
  }

  private static func head(of older: String?) throws(Problem) -> ChainHead {
    guard let older, let file = try OpenFile.existing(older, O_RDONLY) else { return .beginning }
    return try LogTail(of: file).record?.head ?? .beginning
  }
}
