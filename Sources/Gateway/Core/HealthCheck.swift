import AsyncHTTPClient
import Wire

/// Asks a running gateway for its health.
public enum HealthCheck {
  /// Why the gateway at `url` is not ready; nil if it is.
  public static func failure(_ url: String) async -> String? {
    do {
      let response = try await HTTPClient.shared.execute(
        HTTPClientRequest(url: url), timeout: .seconds(5))
      return response.status == .ok ? nil : "the gateway answers \(response.status.code)"
    } catch {
      return "the gateway does not answer: \(PrintableText("\(error)"))"
    }
  }
}
