/// Bodies of export requests.
public struct ExportRequest: Sendable {
  public let body: [UInt8]
  public let contentType: String
  /// How many calls it tells of.
  public let calls: Int

  init(_ message: OTLPMessage, _ encoding: TelemetrySettings.Encoding, calls: Int = 0) {
    self.calls = calls
    switch encoding {
    case .protobuf: (body, contentType) = (message.protobuf, "application/x-protobuf")
    case .json: (body, contentType) = (Array(message.json.bytes), "application/json")
    }
  }
}
