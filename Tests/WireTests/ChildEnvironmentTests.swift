import Testing
import Wire

struct ChildEnvironmentTests {
  @Test func whatIsOursStaysWithUs() {
    let kept = [
      "PATH": "/bin", "HOME": "/h", "DBUS_SESSION_BUS_ADDRESS": "d", "XDG_RUNTIME_DIR": "x",
      "DOCKER_CONFIG": "c", "GNUPGHOME": "g", "AWS_PROFILE": "a", "MCP": "m",
    ]
    let own = [
      "MCP_GATEWAY_AUTH_TOKEN": "t", "MCP_GATEWAY_DOCKER_BIND_ALLOWED_PATHS": "/",
      "MCP_GATEWAY_SOMETHING_NEW": "s", "DOCKER_MCP_IN_CONTAINER": "1",
    ]
    #expect(ChildEnvironment.withoutOwn(kept.merging(own) { $1 }) == kept)
  }
}
