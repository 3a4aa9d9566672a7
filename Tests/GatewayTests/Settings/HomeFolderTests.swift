import Gateway
import Testing

struct HomeFolderTests {
  @Test(
    arguments: [
      ("/home/a", "/x", "/y", "/home/a"), ("/home/a/", nil, nil, "/home/a"), ("/", nil, nil, "/"),
      (nil, "/root", "/home/b/.docker/cli-plugins/docker-mcp", "/root"),
      ("", "/root", nil, "/root"), ("relative", "/root", nil, "/root"),
      (nil, nil, "/home/b/.docker/cli-plugins/docker-mcp", "/home/b"),
      (nil, nil, "/.docker/cli-plugins/docker-mcp", "/"),
    ] as [(String?, String?, String?, String)])
  func theFirstThatIsKnownCounts(
    _ variable: String?, _ entry: String?, _ program: String?, _ path: String
  ) {
    let home = HomeFolder(variable: variable, passwordEntry: entry, program: program)
    #expect(home?.path == path)
  }

  @Test(arguments: [
    nil, "/usr/bin/gateway", "cli-plugins/docker-mcp", "/usr/lib/docker/cli-plugins/docker-mcp",
  ])
  func noneIsInvented(_ program: String?) {
    #expect(HomeFolder(variable: nil, passwordEntry: nil, program: program) == nil)
  }

  @Test func foldersAreBelowIt() {
    let home = HomeFolder(variable: "/h", passwordEntry: nil, program: nil)
    #expect(home?.mcpFolder == "/h/.docker/mcp")
    let root = HomeFolder(variable: "/", passwordEntry: nil, program: nil)
    #expect(root?.dockerFolder == "/.docker")
  }
}
