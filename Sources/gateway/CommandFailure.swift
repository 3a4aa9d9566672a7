import Wire

/// A command that ends with something other than success, after saying why.
struct CommandFailure: Error {
  var problems: [Problem] = []
  var message: String?
  var status = ExitCode.usageOrConfiguration.rawValue

  init(_ problems: [Problem]) { self.problems = problems }

  init(_ message: String, _ status: ExitCode = .runtimeFailure) {
    self.message = message
    self.status = status.rawValue
  }

  /// Ends with `status`; everything has been said already.
  init(silently status: Int32) { self.status = status }

  /// Tells warnings, and throws where there are errors.
  static func check(_ problems: [Problem]) throws(CommandFailure) {
    guard problems.hasErrors else { return Talk.say(problems) }
    throw CommandFailure(problems)
  }

  func report() -> Int32 {
    Talk.say(problems)
    if let message { Talk.say("\(Style(descriptor: 2).paint("error:", .red)) \(message)") }
    return status
  }
}
