import ArgumentParser
import Audit
import Wire

/// `audit show`: all records that fit.
struct AuditShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print records.",
    discussion: "JSON: each record as it is in the log, one a line. docs/audit.md describes them.")

  @OptionGroup var log: LogOptions
  @OptionGroup var filters: FilterOptions
  @OptionGroup var output: FormatOptions

  func run() throws {
    var printer = RecordPrinter(reader: LogReader(try log.place()), format: output.format)
    let filter = filters.filter
    while let record = try printer.next() {
      if filter.admits(record) { printer.print(record) }
    }
    try printer.finish()
  }
}

/// `audit tail`: the last records, and those that come.
struct AuditTailCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail", abstract: "Print the last records, and go on with new ones.",
    discussion: "JSON: each record as it is in the log, one a line.")

  private static let pause = Duration.milliseconds(200)
  private static let mostLines = 1_000_000

  @OptionGroup var log: LogOptions
  @OptionGroup var filters: FilterOptions
  @Option(
    name: .shortAndLong, help: ArgumentHelp("How many records. (default: 20)", valueName: "n"))
  var lines: Int?
  @Flag(name: .shortAndLong, help: "Go on until interrupted, also in new files. (default: false)")
  var follow = false
  @OptionGroup var output: FormatOptions

  func validate() throws {
    guard (0...Self.mostLines).contains(lines ?? 20) else {
      throw ValidationError("--lines takes a number from 0 to \(Self.mostLines)")
    }
  }

  func run() async throws {
    var printer = RecordPrinter(reader: LogReader(try log.place()), format: output.format)
    let filter = filters.filter
    let count = lines ?? 20
    var last: [LogRecord] = []
    while let record = try printer.next() {
      guard filter.admits(record) else { continue }
      last.append(record)
      // Not at each record: that would copy all of them each time.
      if last.count > 2 * count { last.removeFirst(last.count - count) }
    }
    for record in last.suffix(count) { printer.print(record) }
    while follow {
      while let record = try printer.next() {
        if filter.admits(record) { printer.print(record) }
      }
      try await Task.sleep(for: Self.pause)
    }
    try printer.finish()
  }
}

/// Prints what a reader reads, and remembers whether all of it could be read.
struct RecordPrinter {
  var reader: LogReader
  let format: FormatOptions.Format
  private var hasUnreadable = false

  init(reader: LogReader, format: FormatOptions.Format) {
    self.reader = reader
    self.format = format
  }

  mutating func next() throws -> LogRecord? {
    while let next = try reader.next() {
      switch next {
      case .success(let record): return record
      case .failure(let flaw):
        hasUnreadable = true
        Talk.say("\(flaw.place.file):\(flaw.place.line): error: \(flaw.what)".printable)
      }
    }
    return nil
  }

  func print(_ record: LogRecord) {
    switch format {
    case .list: Talk.data(record.summary)
    case .json: Talk.data(record.text.description)
    }
  }

  func finish() throws {
    if hasUnreadable {
      throw CommandFailure("the log is damaged; audit verify says more")
    }
  }
}

/// `audit stats`: calls in numbers.
struct AuditStatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Count calls by server and tool.",
    discussion: """
      JSON: an array of {server, tool, calls, allowed, refused, failed, mean_us, max_us, \
      result_bytes}, most calls first.
      """)

  @OptionGroup var log: LogOptions
  @OptionGroup var filters: FilterOptions
  @OptionGroup var output: FormatOptions

  func run() throws {
    var printer = RecordPrinter(reader: LogReader(try log.place()), format: output.format)
    let filter = filters.filter
    var statistics = LogStatistics()
    while let record = try printer.next() {
      if filter.admits(record) { statistics.add(record) }
    }
    let counts = statistics.counts.sorted {
      ($1.value.calls, $0.key.server, $0.key.target) < (
        $0.value.calls, $1.key.server, $1.key.target
      )
    }
    output.print(
      list: counts.map(Self.line) + [Self.total(statistics)],
      json: JSONText(array: counts.map(Self.json)))
    try printer.finish()
  }

  private typealias Entry = (key: LogStatistics.Subject, value: LogStatistics.Count)

  private static func line(_ entry: Entry) -> String {
    let (subject, count) = entry
    let name = subject.server.isEmpty ? subject.target : "\(subject.server)/\(subject.target)"
    return "\(name): \(words(count))"
  }

  private static func total(_ statistics: LogStatistics) -> String {
    guard let since = statistics.since, let until = statistics.until else { return "no calls" }
    return "all: \(words(statistics.total)), from \(since) to \(until)"
  }

  private static func words(_ count: LogStatistics.Count) -> String {
    "\(count.calls) calls, \(count.refused) refused, \(count.failed) failed, "
      + "mean \(count.meanTime) us, longest \(count.longest) us, \(count.resultBytes) bytes"
  }

  private static func json(_ entry: Entry) -> JSONText {
    let (subject, count) = entry
    return JSONText(object: [
      ("server", JSONText(string: subject.server)), ("tool", JSONText(string: subject.target)),
      ("calls", JSONText(count.calls)), ("allowed", JSONText(count.allowed)),
      ("refused", JSONText(count.refused)), ("failed", JSONText(count.failed)),
      ("mean_us", JSONText(count.meanTime)), ("max_us", JSONText(count.longest)),
      ("result_bytes", JSONText(count.resultBytes)),
    ])
  }
}
