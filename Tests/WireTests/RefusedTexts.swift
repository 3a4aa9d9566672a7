import Testing

@testable import Wire

/// A text that is refused, why, and at which byte reading stops.
struct RefusedText: CustomTestStringConvertible {
  let bytes: [UInt8]
  let reason: JSONProblem.Reason
  let offset: Int

  init(_ text: String, _ reason: JSONProblem.Reason, _ offset: Int) {
    self.init(Array(text.utf8), reason, offset)
  }

  init(_ bytes: [UInt8], _ reason: JSONProblem.Reason, _ offset: Int) {
    self.bytes = bytes
    self.reason = reason
    self.offset = offset
  }

  /// `inside` between quotes.
  init(string inside: [UInt8], _ reason: JSONProblem.Reason, _ offset: Int) {
    self.init([0x22] + inside + [0x22], reason, offset)
  }

  var testDescription: String { PrintableText(bytes).description }
}

extension RefusedText {
  static let structures: [RefusedText] = [
    .init("", .unexpectedEnd, 0), .init(" ", .unexpectedEnd, 1), .init("[", .unexpectedEnd, 1),
    .init("{", .unexpectedEnd, 1), .init("[1", .unexpectedEnd, 2), .init("[1,", .unexpectedEnd, 3),
    .init(#"{"a""#, .unexpectedEnd, 4), .init(#"{"a":"#, .unexpectedEnd, 5),
    .init(#"{"a":1"#, .unexpectedEnd, 6), .init(#"{"a":1,"#, .unexpectedEnd, 7),
    .init("]", .unexpectedByte, 0), .init("}", .unexpectedByte, 0),
    .init("[1}", .unexpectedByte, 2),
    .init(#"{"a":1]"#, .unexpectedByte, 6), .init("[,]", .unexpectedByte, 1),
    .init("[1,]", .unexpectedByte, 3), .init("[,1]", .unexpectedByte, 1),
    .init("[1,,2]", .unexpectedByte, 3), .init("[1 2]", .unexpectedByte, 3),
    .init("[1:2]", .unexpectedByte, 2), .init("{,}", .unexpectedByte, 1),
    .init(#"{"a":1,}"#, .unexpectedByte, 7), .init(#"{"a"}"#, .unexpectedByte, 4),
    .init(#"{"a",1}"#, .unexpectedByte, 4), .init(#"{"a":}"#, .unexpectedByte, 5),
    .init(#"{"a"::1}"#, .unexpectedByte, 5), .init(#"{"a":1 "b":2}"#, .unexpectedByte, 7),
    .init("{a:1}", .unexpectedByte, 1), .init("{'a':1}", .unexpectedByte, 1),
    .init("{1:1}", .unexpectedByte, 1), .init("{null:1}", .unexpectedByte, 1),
    .init("{[]:1}", .unexpectedByte, 1), .init("1 2", .trailingBytes, 2),
    .init("{}{}", .trailingBytes, 2), .init("[]]", .trailingBytes, 2),
    .init("null,", .trailingBytes, 4), .init("1\0", .trailingBytes, 1),
    .init("\0", .unexpectedByte, 0), .init("\u{FEFF}1", .unexpectedByte, 0),
    .init("\u{A0}1", .unexpectedByte, 0), .init("\u{B}1", .unexpectedByte, 0),
    .init("\u{C}1", .unexpectedByte, 0), .init("1\u{2028}", .trailingBytes, 1),
    .init("/**/1", .unexpectedByte, 0), .init("1//", .trailingBytes, 1),
    .init("#1", .unexpectedByte, 0), .init("\u{1E}{}", .unexpectedByte, 0),
  ]

  static let words: [RefusedText] = [
    .init("nul", .unexpectedEnd, 3), .init("tru", .unexpectedEnd, 3), .init("f", .unexpectedEnd, 1),
    .init("nulL", .unexpectedByte, 3), .init("True", .unexpectedByte, 0),
    .init("NULL", .unexpectedByte, 0), .init("nullx", .trailingBytes, 4),
    .init("undefined", .unexpectedByte, 0), .init("NaN", .unexpectedByte, 0),
    .init("Infinity", .unexpectedByte, 0), .init("-Infinity", .invalidNumber, 0),
    .init("[truefalse]", .unexpectedByte, 5), .init("'a'", .unexpectedByte, 0),
  ]

  static let numbers: [RefusedText] = [
    .init("-", .invalidNumber, 0), .init("+1", .unexpectedByte, 0), .init("01", .invalidNumber, 0),
    .init("-01", .invalidNumber, 0), .init("00", .invalidNumber, 0), .init("1.", .invalidNumber, 0),
    .init(".5", .unexpectedByte, 0), .init("-.5", .invalidNumber, 0),
    .init("1.e5", .invalidNumber, 0), .init("1e", .invalidNumber, 0),
    .init("1e+", .invalidNumber, 0), .init("1e-", .invalidNumber, 0),
    .init("1e1.5", .trailingBytes, 3), .init("1e1e1", .trailingBytes, 3),
    .init("0x10", .trailingBytes, 1), .init("1_000", .trailingBytes, 1),
    .init("[- 1]", .invalidNumber, 1), .init("--1", .invalidNumber, 0),
    .init("1a", .trailingBytes, 1), .init("１", .unexpectedByte, 0),
    .init("18446744073709551616", .ambiguousNumber, 0),
    .init("-9223372036854775809", .ambiguousNumber, 0),
    .init("99999999999999999999", .ambiguousNumber, 0),
    .init("[1,100000000000000000000]", .ambiguousNumber, 3), .init("1e309", .ambiguousNumber, 0),
    .init("-1e309", .ambiguousNumber, 0), .init("1e99999999999999999999", .ambiguousNumber, 0),
    .init("1e-400", .ambiguousNumber, 0), .init("0.1e-99999999999", .ambiguousNumber, 0),
    .init("1" + String(repeating: "0", count: 400), .ambiguousNumber, 0),
    .init("0." + String(repeating: "0", count: 70), .ambiguousNumber, 0),
  ]

  static let strings: [RefusedText] = [
    .init("\"", .unexpectedEnd, 1), .init("\"a", .unexpectedEnd, 2),
    .init("\"abcdefgh", .unexpectedEnd, 9), .init(#""\"#, .unexpectedEnd, 2),
    .init(#""\""#, .unexpectedEnd, 3), .init(#""\u"#, .unexpectedEnd, 3),
    .init(#""\u12"#, .unexpectedEnd, 5), .init(#""\ud83d"#, .unexpectedEnd, 7),
    .init(#""\ud83d\"#, .unexpectedEnd, 8), .init(#""\ud83d\u"#, .unexpectedEnd, 9),
    .init(#""\ud83d\ude0"#, .unexpectedEnd, 12),
    .init(#""\x41""#, .invalidEscape, 1), .init(#""\a""#, .invalidEscape, 1),
    .init(#""\'""#, .invalidEscape, 1), .init(#""\0""#, .invalidEscape, 1),
    .init(#""\N""#, .invalidEscape, 1), .init("\"\\\n\"", .invalidEscape, 1),
    .init(#""\U0041""#, .invalidEscape, 1), .init(#""\u12""#, .invalidEscape, 5),
    .init(#""\u00g0""#, .invalidEscape, 5), .init(#""\u+123""#, .invalidEscape, 3),
    .init(#""\u{41}""#, .invalidEscape, 3), .init(#""\u 041""#, .invalidEscape, 3),
    .init("\"\n\"", .controlCharacter, 1), .init("\"\t\"", .controlCharacter, 1),
    .init("\"\0\"", .controlCharacter, 1), .init("\"\u{1F}\"", .controlCharacter, 1),
    .init("\"12345678\u{1}\"", .controlCharacter, 9), .init("{\"\r\":1}", .controlCharacter, 2),
    .init(#""\u0000""#, .nullCharacter, 1), .init(#"{"\u0000":1}"#, .nullCharacter, 2),
    .init(#""\ud800""#, .loneSurrogate, 1), .init(#""\udc00""#, .loneSurrogate, 1),
    .init(#""\uDFFF""#, .loneSurrogate, 1), .init(#""\ud83d\ud83d""#, .loneSurrogate, 1),
    .init(#""\ude00\ud83d""#, .loneSurrogate, 1), .init(#""\ud83d\n""#, .loneSurrogate, 1),
    .init(#""\ud83dx""#, .loneSurrogate, 1), .init(#""\ud83d\u0041""#, .loneSurrogate, 1),
    .init(#"{"\ud83d":1}"#, .loneSurrogate, 2),
  ]

  static let encodings: [RefusedText] = [
    .init(string: [0x80], .invalidUTF8, 1), .init(string: [0xFF], .invalidUTF8, 1),
    .init(string: [0xFE], .invalidUTF8, 1), .init(string: [0xC3], .invalidUTF8, 1),
    .init(string: [0xC3, 0x28], .invalidUTF8, 1), .init(string: [0xE2, 0x82], .invalidUTF8, 1),
    // Overlong forms: of NUL, of the slash, of the quote, of three and four bytes.
    .init(string: [0xC0, 0x80], .invalidUTF8, 1), .init(string: [0xC0, 0xAF], .invalidUTF8, 1),
    .init(string: [0xC0, 0xA2], .invalidUTF8, 1), .init(string: [0xC1, 0xBF], .invalidUTF8, 1),
    .init(string: [0xE0, 0x80, 0xAF], .invalidUTF8, 1),
    .init(string: [0xF0, 0x80, 0x80, 0xAF], .invalidUTF8, 1),
    // Surrogates in UTF-8 (CESU-8), beyond U+10FFFF, five bytes.
    .init(string: [0xED, 0xA0, 0x80], .invalidUTF8, 1),
    .init(string: [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80], .invalidUTF8, 1),
    .init(string: [0xF4, 0x90, 0x80, 0x80], .invalidUTF8, 1),
    .init(string: [0xF8, 0x88, 0x80, 0x80, 0x80], .invalidUTF8, 1),
    .init(string: Array("12345678".utf8) + [0xE9], .invalidUTF8, 9),
    .init(Array(#"{"é":1,""#.utf8) + [0xFF] + Array(#"":2}"#.utf8), .invalidUTF8, 9),
    .init(Array(#"["é",""#.utf8) + [0x80] + Array(#"","x"]"#.utf8), .invalidUTF8, 7),
    .init([0xFF, 0xFE, 0x31, 0x00], .unexpectedByte, 0), .init([0x00, 0x31], .unexpectedByte, 0),
    .init([0x31, 0xFF], .trailingBytes, 1),
  ]

  static let duplicates: [RefusedText] = [
    .init(#"{"a":1,"a":1}"#, .duplicateMember, 7), .init(#"{"":1,"":2}"#, .duplicateMember, 6),
    .init(#"{"a":1,"b":2,"a":3}"#, .duplicateMember, 13),
    .init(#"{"a":1,"\u0061":1}"#, .duplicateMember, 7),
    .init(#"{"\u0061":1,"a":1}"#, .duplicateMember, 12),
    .init(#"{"\u0061":1,"\u0061":1}"#, .duplicateMember, 12),
    .init(#"{"/":1,"\/":1}"#, .duplicateMember, 7),
    .init(#"{"é":1,"\u00e9":2}"#, .duplicateMember, 8),
    .init(#"{"😀":1,"\ud83d\ude00":2}"#, .duplicateMember, 10),
    .init(#"{"12345678":1,"12345678":2}"#, .duplicateMember, 14),
    .init(#"{"123456789":1,"123456789":2}"#, .duplicateMember, 15),
    .init(#"[[{"x":{"y":1,"y":1}}]]"#, .duplicateMember, 14),
    .init(#"{"a":{"b":1},"c":{"b":1,"b":2}}"#, .duplicateMember, 24),
    .init(#"{"m":{"x":1},"m":1}"#, .duplicateMember, 13),
  ]

  static let all = structures + words + numbers + strings + encodings + duplicates
}
