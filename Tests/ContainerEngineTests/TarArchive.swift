/// Writes the few tar members that a test image needs (POSIX ustar).
struct TarArchive {
  private var blocks: [UInt8] = []

  mutating func addDirectory(_ name: String, mode: Int = 0o755) {
    add(name + "/", mode: mode, kind: "5", link: "", content: [])
  }

  mutating func addFile(_ name: String, mode: Int = 0o755, _ content: [UInt8]) {
    add(name, mode: mode, kind: "0", link: "", content: content)
  }

  mutating func addLink(_ name: String, to target: String) {
    add(name, mode: 0o777, kind: "2", link: target, content: [])
  }

  var bytes: [UInt8] { blocks + [UInt8](repeating: 0, count: 1024) }

  private mutating func add(
    _ name: String, mode: Int, kind: Character, link: String, content: [UInt8]
  ) {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int) {
      for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
    }
    func octal(_ value: Int, _ digits: Int) -> String {
      let text = String(value, radix: 8)
      return String(repeating: "0", count: digits - text.count) + text
    }
    put(name, at: 0)
    put(octal(mode, 7), at: 100)
    put(octal(0, 7), at: 108)
    put(octal(0, 7), at: 116)
    put(octal(content.count, 11), at: 124)
    put(octal(0, 11), at: 136)
    put("        ", at: 148)
    put(String(kind), at: 156)
    put(link, at: 157)
    put("ustar\u{0}00", at: 257)
    put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", at: 148)
    blocks += header + content
    blocks += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }
}
