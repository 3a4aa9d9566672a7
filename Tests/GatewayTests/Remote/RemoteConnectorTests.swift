import Testing
import Wire

@testable import Gateway

struct RemoteConnectorTests {
  private struct Fixed: HostResolver {
    let all: [String]

    func addresses(of name: String) async throws -> [IPAddress] { all.compactMap(IPAddress.init) }
  }

  private static func objection(_ addresses: [String]) async throws -> RemoteConnector.Objection? {
    let connector = RemoteConnector(
      allowsPlainHTTP: false, objection: { AddressGuard.objection(to: $0) },
      resolver: Fixed(all: addresses))
    do {
      _ = try await connector.open(try RemoteURL("https://host.test/"))
      return nil
    } catch let objection as RemoteConnector.Objection { return objection }
  }

  /// A public host with one private address is not a private one, which may lead to others.
  @Test func itIsToldWhetherAllAddressesArePrivate() async throws {
    #expect(try await Self.objection(["10.0.0.1", "192.168.1.1"])?.isPartial == false)
    #expect(try await Self.objection(["8.8.8.8", "10.0.0.1"])?.isPartial == true)
    #expect(try await Self.objection(["10.0.0.1", "8.8.8.8"])?.isPartial == true)
    #expect(try await Self.objection(["8.8.8.8"]) == nil)
  }
}
