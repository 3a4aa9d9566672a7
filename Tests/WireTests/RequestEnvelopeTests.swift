import Testing

@testable import Wire

struct RequestEnvelopeTests {
  private static let version = #""io.modelcontextprotocol/protocolVersion":"2026-07-28""#
  private static let capabilities = #""io.modelcontextprotocol/clientCapabilities":{}"#

  private func params(_ meta: String) throws -> JSONText {
    try JSONText(validating: #"{"name":"t","_meta":{\#(meta)}}"#)
  }

  @Test func theEnvelopeIsReadWhole() throws {
    let envelope = try RequestEnvelope(
      params(
        Self.version + #","io.modelcontextprotocol/clientCapabilities":{"roots":{}},"#
          + #""io.modelcontextprotocol/clientInfo":{"name":"c"},"progressToken":7,"#
          + #""io.modelcontextprotocol/logLevel":"info""#))
    #expect(envelope.version == "2026-07-28")
    #expect(envelope.capabilities["roots"] == .emptyObject)
    #expect(envelope.clientInfo?["name"]?.string == "c")
    #expect(envelope.logLevel?.string == "info")
    #expect(envelope.progressToken?.int == 7)
  }

  @Test(arguments: [
    "", version, capabilities, version + #","io.modelcontextprotocol/clientCapabilities":[]"#,
    #""io.modelcontextprotocol/protocolVersion":1,"# + capabilities,
    #""io.modelcontextprotocol/protocolVersion":null,"# + capabilities,
  ])
  func whatIsMissingIsInvalidParams(meta: String) throws {
    let params = try params(meta)
    #expect { try RequestEnvelope(params) } throws: { ($0 as? RPCError)?.code == -32602 }
  }

  @Test func paramsWithoutMetaAreInvalid() throws {
    for params in [nil, JSONText.emptyObject, try JSONText(validating: #"{"_meta":[]}"#)] {
      #expect { try RequestEnvelope(params) } throws: { ($0 as? RPCError)?.code == -32602 }
      #expect(!RequestEnvelope.isClaimed(by: params))
    }
  }

  @Test func clientInfoIsNotRequired() throws {
    #expect(try RequestEnvelope(params(Self.version + "," + Self.capabilities)).clientInfo == nil)
  }

  @Test func aClaimIsSeenHoweverBadItIs() throws {
    #expect(
      RequestEnvelope.isClaimed(by: try params(#""io.modelcontextprotocol/protocolVersion":null"#)))
  }

  @Test func onlyTheMembersOfTheHopAreRemoved() throws {
    let mixed = try params(
      Self.version + #","traceparent":"00-1","a":1,"# + Self.capabilities)
    #expect(
      RequestEnvelope.removed(from: mixed).description
        == #"{"name":"t","_meta":{"traceparent":"00-1","a":1}}"#)
    let alone = try params(Self.version + "," + Self.capabilities)
    #expect(RequestEnvelope.removed(from: alone).description == #"{"name":"t"}"#)
    #expect(RequestEnvelope.removed(from: .emptyObject) == .emptyObject)
  }

  @Test func everyRevisionKnowsItsEra() {
    #expect(
      ProtocolRevision.all.map(\.text)
        == ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"])
    for revision in ProtocolRevision.all { #expect(ProtocolRevision(revision.text) == revision) }
    #expect(ProtocolRevision("2026-07-28") == .stateless(.july2026))
    #expect(ProtocolRevision("2027-01-01") == nil)
    #expect(ProtocolVersion.negotiate("2026-07-28") == .november2025)
  }

  @Test func theNewErrorsCarryTheirData() throws {
    let version = RPCError.unsupportedVersion("2031-01-01")
    #expect(version.code == -32022)
    #expect(version.data?["requested"]?.string == "2031-01-01")
    #expect(version.data?["supported"]?.elements.first?.string == "2026-07-28")
    let capability = RPCError.missingClientCapability(
      try JSONText(validating: #"{"sampling":{}}"#))
    #expect(capability.code == -32021)
    #expect(capability.data?["requiredCapabilities"]?["sampling"] == .emptyObject)
    #expect(RPCError.headerMismatch("x").code == -32020)
  }
}
