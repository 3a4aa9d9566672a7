import Wire

/// Reads the records of all logs at a place, by time. It can be asked again after the end: what was
/// written meanwhile comes then, also from files and logs that are new.
public struct LogReader {
  /// A line that is no record; ``LogVerification`` says more.
  public struct Unreadable: Error, Sendable, Hashable {
    public let place: LinePlace
    public let what: String
  }

  private struct Source {
    let files: LogFiles
    var cursor: LineCursor
    var waiting: Result<LogRecord, Unreadable>?
  }

  private let place: LogPlace
  private var sources: [Source] = []

  public init(_ place: LogPlace) { self.place = place }

  /// The next record; nil if there is none for now.
  public mutating func next() throws(Problem) -> Result<LogRecord, Unreadable>? {
    var earliest: (index: Int, time: Timestamp)?
    if sources.allSatisfy({ $0.waiting == nil }) { try findNewLogs() }
    for index in sources.indices {
      if sources[index].waiting == nil { sources[index].waiting = try read(&sources[index].cursor) }
      switch sources[index].waiting {
      case nil: continue
      case .failure: return take(index)
      case .success(let record):
        if let found = earliest, found.time <= record.time { continue }
        earliest = (index, record.time)
      }
    }
    return earliest.flatMap { take($0.index) }
  }

  private mutating func take(_ index: Int) -> Result<LogRecord, Unreadable>? {
    defer { sources[index].waiting = nil }
    return sources[index].waiting
  }

  private mutating func findNewLogs() throws(Problem) {
    for files in try LogFiles.all(at: place)
    where !sources.contains(where: { $0.files.log == files.log }) {
      sources.append(Source(files: files, cursor: LineCursor(files, at: place)))
    }
  }

  private func read(
    _ cursor: inout LineCursor
  ) throws(Problem) -> Result<LogRecord, Unreadable>? {
    // Half a line may still become a whole one; the verifier is who judges it.
    guard case .line(let line) = try cursor.next() else { return nil }
    do { return .success(LogRecord(place: line.place, line: try RecordLine(line.bytes))) } catch {
      return .failure(Unreadable(place: line.place, what: error.description))
    }
  }
}
