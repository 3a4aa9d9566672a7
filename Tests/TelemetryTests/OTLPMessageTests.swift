import Testing
import Wire

@testable import Telemetry

/// Both encodings, beside what the reference implementation makes of the same message.
struct OTLPMessageTests {
  private static let message = OTLPMessage([
    (1, "text", .string("é\"")), (2, "id", .identifier([0x0a, 0xff])), (3, "time", .fixed64(.max)),
    (4, "small", .int64(-1)), (5, "kind", .enumeration(300)), (6, "flag", .bool(true)),
    (7, "sum", .double(0.5)), (8, "one", .message(OTLPMessage([(1, "a", .string("b"))]))),
    (
      9, "many",
      .messages([OTLPMessage([(1, "a", .string("c"))]), OTLPMessage([])])
    ),
    (16, "counts", .fixed64s([1, 2])), (17, "bounds", .doubles([0.25, 10])),
  ])

  @Test func theBinaryFormIsThatOfProtobuf() {
    let expected: [UInt8] =
      [0x0a, 3, 0xc3, 0xa9, 0x22, 0x12, 2, 0x0a, 0xff, 0x19] + [UInt8](repeating: 0xff, count: 8)
      + [0x20] + [UInt8](repeating: 0xff, count: 9) + [0x01, 0x28, 0xac, 0x02, 0x30, 0x01, 0x39]
      + [0, 0, 0, 0, 0, 0, 0xe0, 0x3f] + [0x42, 3, 0x0a, 1, 0x62, 0x4a, 3, 0x0a, 1, 0x63, 0x4a, 0]
      + [0x82, 0x01, 16, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]
      + [0x8a, 0x01, 16, 0, 0, 0, 0, 0, 0, 0xd0, 0x3f, 0, 0, 0, 0, 0, 0, 0x24, 0x40]
    #expect(Self.message.protobuf == expected)
  }

  @Test func theJSONFormHasLongNumbersAsText() {
    #expect(
      Self.message.json.description
        == #"{"text":"é\"","id":"0aff","time":"18446744073709551615","small":"-1","kind":300,"#
        + #""flag":true,"sum":0.5,"one":{"a":"b"},"many":[{"a":"c"},{}],"counts":["1","2"],"#
        + #""bounds":[0.25,10.0]}"#)
  }
}
