import Glibc
import Wire

/// What is piped into a command.
enum StandardInput {
  private static let largest = 4 << 20

  static func readAll() throws(CommandFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe read(0, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw CommandFailure("stdin cannot be read") }
      if count == 0 { return bytes }
      bytes += chunk.prefix(count)
      guard bytes.count <= largest else { throw CommandFailure("stdin is larger than 4 MiB") }
    }
  }
}

/// A question whose answer is not shown.
enum HiddenInput {
  static func ask(_ question: String) throws(CommandFailure) -> String {
    var shown = termios()
    guard unsafe tcgetattr(0, &shown) == 0 else {
      throw CommandFailure("the terminal cannot be used")
    }
    var hidden = shown
    hidden.c_lflag &= ~tcflag_t(ECHO)
    guard unsafe tcsetattr(0, TCSAFLUSH, &hidden) == 0 else {
      throw CommandFailure("the terminal cannot be kept from showing the value")
    }
    defer {
      unsafe tcsetattr(0, TCSAFLUSH, &shown)
      Talk.say("")
    }
    Talk.prompt(question)
    guard let answer = readLine(strippingNewline: true) else {
      throw CommandFailure("no value was given", .usageOrConfiguration)
    }
    return answer
  }
}
