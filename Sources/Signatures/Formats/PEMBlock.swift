/// One block of a PEM text (RFC 7468), strict: what stands around the blocks is no part of any.
struct PEMBlock: Sendable, Hashable {
  let label: String
  let der: [UInt8]

  /// All blocks. Text may stand before the first one, as tools that print keys put it there, and
  /// nothing but white space between and after them.
  static func all(in bytes: [UInt8], atMost limit: Int) throws(PEMFlaw) -> [PEMBlock] {
    guard bytes.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 })
    else { throw PEMFlaw("it is not text") }
    var lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
      .map(trimmed)[...]
    var blocks: [PEMBlock] = []
    while let line = lines.popFirst() {
      guard line.hasPrefix(begin), line.hasSuffix(dashes), line.count > begin.count + dashes.count
      else {
        guard blocks.isEmpty || line.isEmpty else {
          throw PEMFlaw("there is text after the PEM block")
        }
        continue
      }
      let label = String(line.dropFirst(begin.count).dropLast(dashes.count))
      blocks.append(PEMBlock(label: label, der: try body(of: label, &lines)))
      guard blocks.count <= limit else { throw PEMFlaw("it holds more than \(limit) PEM blocks") }
    }
    return blocks
  }

  private static func body(
    of label: String, _ lines: inout ArraySlice<String>
  ) throws(PEMFlaw) -> [UInt8] {
    var base64 = ""
    while let line = lines.popFirst() {
      guard !line.hasPrefix(dashes) else {
        guard line == "-----END \(label)-----" else { throw PEMFlaw("a PEM block ends wrongly") }
        guard let der = StrictBase64.decode(base64), !der.isEmpty else {
          throw PEMFlaw("a PEM block does not hold base64")
        }
        return der
      }
      base64 += line
    }
    throw PEMFlaw("a PEM block does not end")
  }

  private static func trimmed(_ line: Substring) -> String {
    let front = line.drop { $0 == " " || $0 == "\t" }
    return String(
      front.prefix(front.count - front.reversed().prefix { $0 == " " || $0 == "\t" }.count))
  }

  private static let dashes = "-----"
  private static let begin = "-----BEGIN "
}

struct PEMFlaw: Error, Sendable, Hashable, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
