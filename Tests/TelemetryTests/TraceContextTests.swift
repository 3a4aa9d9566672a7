import Testing
import Wire

@testable import Telemetry

struct TraceContextTests {
  @Test func aTraceparentIsReadAndWritten() throws {
    let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    let context = try #require(TraceContext(traceparent: text))
    #expect(context.traceID == .init(high: 0x4bf9_2f35_77b3_4da6, low: 0xa3ce_929d_0e0e_4736))
    #expect(context.spanID == 0x00f0_67aa_0ba9_02b7)
    #expect(context.isSampled)
    #expect(context.traceparent == text)
  }

  @Test(arguments: [
    ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", false),
    ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03", true),
    ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-later", true),
    ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
  ])
  func flagsAndLaterVersionsAreUnderstood(text: String, isSampled: Bool) {
    #expect(TraceContext(traceparent: text)?.isSampled == isSampled)
  }

  @Test(arguments: [
    "", "00", "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
    "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
    "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
    "00-4bf92f3577b34da6a3ce929d0e0e473-000f067aa0ba902b7-01",
    "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
    "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0é",
  ])
  func whatIsNoTraceparentIsIgnored(text: String) {
    #expect(TraceContext(traceparent: text) == nil)
  }
}

struct SamplerTests {
  private static let parent = TraceContext(
    traceID: .init(high: 1, low: 1), spanID: 1, isSampled: true)
  private static let silent = TraceContext(
    traceID: .init(high: 1, low: 1), spanID: 1, isSampled: false)
  private static let low = TraceContext.TraceID(high: 1, low: 0)
  private static let high = TraceContext.TraceID(high: 1, low: .max)

  /// With a parent that is sampled, one that is not, and none with a low and a high identifier.
  @Test(arguments: [
    ("always_on", nil, [true, true, true, true]),
    ("always_off", nil, [false, false, false, false]),
    ("traceidratio", "0.5", [true, true, true, false]),
    ("traceidratio", "1", [true, true, true, true]),
    ("traceidratio", "0", [false, false, false, false]),
    ("parentbased_always_on", nil, [true, false, true, true]),
    ("parentbased_always_off", nil, [true, false, false, false]),
    ("parentbased_traceidratio", "0.5", [true, false, true, false]),
  ])
  func everyStandardSamplerIsKnown(name: String, argument: String?, samples: [Bool]) throws {
    let sampler = try #require(Sampler(name: name, argument: argument))
    #expect(
      [
        sampler.samples(Self.parent, Self.parent.traceID),
        sampler.samples(Self.silent, Self.silent.traceID), sampler.samples(nil, Self.low),
        sampler.samples(nil, Self.high),
      ] == samples)
  }

  @Test(arguments: [
    ("jaeger_remote", nil), ("traceidratio", "2"), ("traceidratio", "-1"), ("traceidratio", "x"),
    ("traceidratio", "nan"),
  ])
  func othersAreNot(name: String, argument: String?) {
    #expect(Sampler(name: name, argument: argument) == nil)
  }
}
