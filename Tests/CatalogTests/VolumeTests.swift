import Foundation
import Glibc
import Testing
import Wire

@testable import Catalog

struct VolumeTests {
  /// What becomes of a volume, `…` standing for the test's folder.
  private func outcome(
    _ text: TemplateText, in folder: TemporaryFolder, readable: [String] = [],
    writable: [String] = [], isTrusted: Bool = true
  ) -> String {
    let rules = VolumeRules(
      grants: VolumeGrants(
        readableRoots: readable.map { $0.replacing("…", with: folder.path) },
        writablePaths: writable.map { $0.replacing("…", with: folder.path) }),
      isTrusted: isTrusted, workingFolder: folder.path + "/work", homeFolder: folder.path + "/home")
    do {
      let mount = try rules.mount(text)
      let mode = mount.isWritable ? "rw" : "ro"
      switch mount.source {
      case .anonymousVolume: return "\(mount.target) \(mode)"
      case .namedVolume(let name): return "volume \(name) \(mount.target) \(mode)"
      case .hostPath(let path):
        return "\(path) \(mount.target) \(mode)".replacing(folder.path, with: "…")
      }
    } catch { return error.message }
  }

  private static let outside = "it is outside the folders that may be mounted"
  private static let readOnly = "it may only be mounted read-only"
  private static let badMode = "the mode must be ro or rw"

  @Test(arguments: [
    // Anonymous and named volumes.
    ("/data", "/data rw"), ("notes:/data", "volume notes /data rw"),
    ("notes:/data:ro", "volume notes /data ro"), ("notes:/data:nocopy", badMode),
    // Below /tmp, where the test's folder is.
    ("…/a:/a", "…/a /a ro"), ("…/a:/a:ro", "…/a /a ro"), ("…/a:/a:readonly", "…/a /a ro"),
    ("…/a:/a:rw", readOnly), ("…/a:/a:ro,rw", readOnly), ("…/a:/a:z", badMode),
    ("…/a:/a:ro,Z", badMode), ("…/a:/a:ro,shared", badMode), ("…/a:/a:rshared", badMode),
    ("…/a/../b/.//c:/a", "…/b/c /a ro"), ("/tmp:/a", "/tmp /a ro"),
    ("/var/tmp/x:/a", "/var/tmp/x /a ro"),
    ("./here:/a", "…/work/here /a ro"), ("../up:/a", "…/up /a ro"), ("~/x:/a", "…/home/x /a ro"),
    ("~:/a", "…/home /a ro"), ("…/a:/a/../b/", "…/a /b ro"),
    // Elsewhere.
    ("/srv/x:/a", outside), ("/tmpx:/a", outside), ("/tmp/../srv:/a", outside),
    ("/home/somebody:/a", outside), ("/opt:/a:rw", outside),
    // Never.
    ("/etc:/a", "nothing under /etc is ever mounted"),
    ("/etc/passwd:/a:ro", "nothing under /etc is ever mounted"),
    ("/tmp/../etc/x:/a", "nothing under /etc is ever mounted"),
    ("/var/lib/docker/x:/a", "nothing under /var/lib/docker is ever mounted"),
    ("/proc/self:/a", "nothing under /proc is ever mounted"),
    ("/dev/mem:/a", "nothing under /dev is ever mounted"),
    ("/root/x:/a", "nothing under /root is ever mounted"),
    ("/:/a", "it holds /boot, which is never mounted"),
    ("/var:/a", "it holds /var/log, which is never mounted"),
    ("…/.ssh:/a", ".ssh may hold credentials and is never mounted"),
    ("…/x/.Ssh/y:/a", ".ssh may hold credentials and is never mounted"),
    ("…/ID_RSA:/a", "id_rsa may hold credentials and is never mounted"),
    ("…/.env:/a", ".env may hold credentials and is never mounted"),
    ("…/ssh:/a", "…/ssh /a ro"),
    // Forms.
    ("", "a field is empty"), ("…/a:", "a field is empty"), (":/a", "a field is empty"),
    ("…/a::ro", "a field is empty"), ("a:b:c:d", "a volume has the form source:target[:mode]"),
    ("…/a:a", "the path in the container must be absolute, and not / itself"),
    ("…/a:/", "the path in the container must be absolute, and not / itself"),
    ("…/a:/x/..", "the path in the container must be absolute, and not / itself"),
    ("--privileged", "it starts with `-`"), ("…/a\u{0}:/a", "it holds a NUL character"),
  ])
  func volumesFollowTheRules(spec: String, outcome expected: String) throws {
    let folder = try TemporaryFolder()
    let text = TemplateText.literal(spec.replacing("…", with: folder.path))
    #expect(outcome(text, in: folder) == expected)
  }

  @Test(arguments: [
    ("…/r/x:/a", "…/r/x /a ro"), ("…/r:/a:ro", "…/r /a ro"), ("…/r/x:/a:rw", readOnly),
    ("…/w:/a", "…/w /a rw"), ("…/w:/a:ro", "…/w /a ro"), ("…/w:/a:rw", "…/w /a rw"),
    ("…/w/x:/a", outside), ("…/other:/a", outside), ("/tmp:/a", outside), ("/var/tmp:/a", outside),
    (
      "notes:/a",
      "a named volume may hold another server's data; the source must be an absolute path"
    ),
    ("/data", "/data rw"), ("/etc/x:/a", "nothing under /etc is ever mounted"),
  ])
  func aDefinitionFromTheNetworkHasOnlyWhatWasGranted(spec: String, outcome expected: String) throws
  {
    let folder = try TemporaryFolder()
    let text = TemplateText.literal(spec.replacing("…", with: folder.path))
    let found = outcome(
      text, in: folder, readable: ["…/r", "/etc"], writable: ["…/w"], isTrusted: false)
    #expect(found == expected)
  }

  @Test func aGrantOpensAFolderOfTheOperator() throws {
    let folder = try TemporaryFolder()
    let found = outcome(.literal("/srv/x/y:/a"), in: folder, readable: ["/srv/x/"])
    #expect(found == "/srv/x/y /a ro")
    #expect(outcome(.literal("/srv/xy:/a"), in: folder, readable: ["/srv/x/"]) == Self.outside)
  }

  @Test func linksAreFollowedBeforeTheRulesApply() throws {
    let folder = try TemporaryFolder()
    let link = { (name: String, target: String) in
      try FileManager.default.createSymbolicLink(
        atPath: folder.path + "/" + name, withDestinationPath: target)
    }
    try link("etc", "/etc")
    try link("nowhere", "/srv/not-there")
    try link("relative", "real/./below")
    try link("loop", "loop")
    try link("up", "../../../../../../../../etc")
    try link("granted", folder.path + "/real")
    let path = { TemplateText.literal(folder.path + "/" + $0) }
    #expect(outcome(path("etc:/a"), in: folder) == "nothing under /etc is ever mounted")
    #expect(outcome(path("etc/not/there:/a"), in: folder) == "nothing under /etc is ever mounted")
    #expect(outcome(path("nowhere:/a"), in: folder) == Self.outside)
    #expect(outcome(path("nowhere/x:/a"), in: folder) == Self.outside)
    #expect(outcome(path("relative/x:/a"), in: folder) == "…/real/below/x /a ro")
    #expect(outcome(path("loop:/a"), in: folder) == "it cannot be looked at")
    #expect(outcome(path("up/x:/a"), in: folder) == "nothing under /etc is ever mounted")
    // The grants are links themselves.
    #expect(outcome(path("real:/a:rw"), in: folder, writable: ["…/granted"]) == "…/real /a rw")
  }

  @Test func socketsAndDevicesAreRefusedByWhatTheyAre() throws {
    let folder = try TemporaryFolder()
    let socketPath = folder.path + "/s"
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socketPath.utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    try #require(mkfifo(folder.path + "/p", 0o600) == 0)
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/innocent", withDestinationPath: socketPath)
    for name in ["s", "p", "innocent"] {
      let found = outcome(.literal("\(folder.path)/\(name):/a"), in: folder)
      #expect(found == "it is a socket, a device or a pipe")
    }
  }

  @Test func aValueCannotAddAField() throws {
    let folder = try TemporaryFolder()
    let colon = "a value holds a colon, which would separate fields"
    #expect(outcome(.data("/etc:/x:rw"), in: folder) == colon)
    #expect(outcome(.data("/tmp/x:/y") + .literal(":/a"), in: folder) == colon)
    #expect(outcome(.data("C:\\x") + .literal(":/a"), in: folder) == colon)
    #expect(outcome(.data("-v") + .literal(":/a"), in: folder) == "it starts with `-`")
    #expect(outcome(.data("\(folder.path)/x") + .literal(":/a"), in: folder) == "…/x /a ro")
    // Nor choose another server's volume.
    #expect(outcome(.data("notes") + .literal(":/a"), in: folder).contains("named volume"))
  }

  @Test(arguments: [
    ("/", "/"), ("//a//b/", "/a/b"), ("/a/./b", "/a/b"), ("/a/../b", "/b"), ("/../..", "/"),
    ("a/../..", ".."), ("./a", "a"), ("", ""),
  ])
  func pathsAreCleaned(path: String, clean: String) {
    #expect(HostPath.clean(path) == clean)
  }
}
