import Testing

@testable import ContainerEngine

struct ContainerSpecTests {
  private let old = APIVersion(major: 1, minor: 41)
  private let new = APIVersion(major: 1, minor: 47)

  private let isolation =
    #""CapDrop":["ALL"],"CapAdd":[],"SecurityOpt":["no-new-privileges"],"ReadonlyRootfs":false,"#
    + #""Privileged":false,"IpcMode":"private","CgroupnsMode":"private","Init":true,"#
    + #""AutoRemove":true,"PidsLimit":256,"OomScoreAdj":500,"ShmSize":67108864,"#
    + #""Ulimits":[{"Name":"core","Soft":0,"Hard":0},{"Name":"nofile","Soft":8192,"Hard":8192}]"#

  @Test func theDefaultsAreTheHardenedOnes() {
    let body = ContainerSpec.hardened(image: "sha256:1", command: ["a", "b \"c\""]).body(for: old)
    #expect(
      body.description
        == #"{"Image":"sha256:1","Cmd":["a","b \"c\""],"Labels":{},"Tty":false,"OpenStdin":true,"#
        + #""StdinOnce":true,"AttachStdin":true,"AttachStdout":true,"AttachStderr":true,"#
        + #""HostConfig":{"NetworkMode":"none",\#(isolation),"NanoCpus":1000000000,"#
        + #""Memory":2147483648,"MemorySwap":2147483648,"LogConfig":{"Type":"none"}}}"#)
  }

  @Test func everythingThatCanBeSaidIsSaid() {
    var spec = ContainerSpec.hardened(image: "i", cpus: 0.5, memory: 0, readOnlyRoot: true)
    spec.entrypoint = ["/e"]
    spec.environment = ["B": "2=3", "A": ""]
    spec.labels = ["l": "v"]
    spec.user = "1:2"
    spec.workingDirectory = "/w"
    spec.stopTimeout = 3
    spec.mounts = [
      .init(.bind("/src"), target: "/a", isReadOnly: true),
      .init(.volume("vol"), target: "/b", isReadOnly: false),
      .init(.anonymousVolume, target: "/c", isReadOnly: false),
    ]
    spec.network = .container("abc")
    spec.extraHosts = [.init(name: "h", address: "::1")]
    spec.addedCapabilities = ["CHOWN"]
    spec.seccompProfile = #"{"x":1}"#
    spec.logging = .bounded(1000)
    spec.ulimits = []
    spec.hasInput = false
    #expect(
      spec.body(for: old).description
        == #"{"Image":"i","Entrypoint":["/e"],"Env":["A=","B=2=3"],"User":"1:2","#
        + #""WorkingDir":"/w","StopTimeout":3,"Labels":{"l":"v"},"Tty":false,"OpenStdin":false,"#
        + #""StdinOnce":false,"AttachStdin":false,"AttachStdout":true,"AttachStderr":true,"#
        + #""HostConfig":{"NetworkMode":"container:abc","CapDrop":["ALL"],"CapAdd":["CHOWN"],"#
        + #""SecurityOpt":["no-new-privileges","seccomp={\"x\":1}"],"ReadonlyRootfs":true,"#
        + #""Privileged":false,"IpcMode":"private","CgroupnsMode":"private","Init":true,"#
        + #""AutoRemove":true,"PidsLimit":256,"OomScoreAdj":500,"ShmSize":67108864,"Ulimits":[],"#
        + #""NanoCpus":500000000,"LogConfig":{"Type":"json-file","#
        + #""Config":{"max-file":"1","max-size":"1000"}},"Mounts":["#
        + #"{"Target":"/a","ReadOnly":true,"Type":"bind","Source":"/src","BindOptions":{"#
        + #""Propagation":"rprivate","NonRecursive":true}},"#
        + #"{"Target":"/b","ReadOnly":false,"Type":"volume","Source":"vol"},"#
        + #"{"Target":"/c","ReadOnly":false,"Type":"volume"}],"ExtraHosts":["h:::1"],"#
        + #""Tmpfs":{"/tmp":"rw,nosuid,nodev,noexec,size=268435456,nr_inodes=20000,mode=1777"}}}"#)
    #expect(spec.fault == nil)
  }

  @Test func severalNetworksGoInAtOnceWhereTheEngineTakesThem() {
    var spec = ContainerSpec.hardened(image: "i")
    spec.network = .named(["n1", "n2"])
    #expect(
      spec.body(for: old).description.hasSuffix(
        #""NetworkingConfig":{"EndpointsConfig":{"n1":{}}}}"#))
    #expect(spec.networksToConnect(for: old) == ["n2"])
    #expect(
      spec.body(for: new).description.hasSuffix(
        #""NetworkingConfig":{"EndpointsConfig":{"n1":{},"n2":{}}}}"#))
    #expect(spec.networksToConnect(for: new).isEmpty)
  }

  private static let wrong: [(String, @Sendable (inout ContainerSpec) -> Void)] = [
    ("host network", { $0.network = .named(["host"]) }),
    ("host network second", { $0.network = .named(["a", "host"]) }),
    ("no network", { $0.network = .named([]) }),
    ("same network twice", { $0.network = .named(["a", "a"]) }),
    ("mode in a network", { $0.network = .named(["container:x"]) }),
    ("empty container", { $0.network = .container("") }),
    ("option in a container", { $0.network = .container("a/../b") }),
    ("empty image", { $0.image = "" }),
    ("NUL in the command", { $0.command = ["a\u{0}b"] }),
    ("NUL in a value", { $0.environment = ["A": "\u{0}"] }),
    ("= in a name", { $0.environment = ["A=B": "c"] }),
    ("empty name", { $0.environment = ["": "c"] }),
    ("relative source", { $0.mounts = [.init(.bind("a"), target: "/a", isReadOnly: true)] }),
    ("source goes up", { $0.mounts = [.init(.bind("/a/../b"), target: "/a", isReadOnly: true)] }),
    ("volume is a path", { $0.mounts = [.init(.volume("/etc"), target: "/a", isReadOnly: true)] }),
    ("relative target", { $0.mounts = [.init(.anonymousVolume, target: "a", isReadOnly: true)] }),
    (
      "target is the root", { $0.mounts = [.init(.anonymousVolume, target: "/", isReadOnly: true)] }
    ),
    (
      "same target twice",
      {
        $0.mounts = .init(
          repeating: .init(.anonymousVolume, target: "/a", isReadOnly: true), count: 2)
      }
    ),
    ("negative CPUs", { $0.cpus = -1 }), ("no number of CPUs", { $0.cpus = .nan }),
    ("endless CPUs", { $0.cpus = .infinity }), ("negative memory", { $0.memory = -1 }),
    ("no processes", { $0.pidsLimit = 0 }), ("relative tmpfs", { $0.tmpfs = ["tmp": Tmpfs()] }),
  ]

  @Test(arguments: wrong.indices)
  func whatTheEngineWouldMisunderstandIsRefused(_ index: Int) {
    var spec = ContainerSpec.hardened(image: "i")
    #expect(spec.fault == nil)
    Self.wrong[index].1(&spec)
    #expect(spec.fault != nil, "\(Self.wrong[index].0)")
  }

  @Test func aSpecificationDoesNotShowItsSecrets() {
    var spec = ContainerSpec.hardened(image: "i", command: ["--token=s3cret"])
    spec.environment = ["TOKEN": "s3cret"]
    var dumped = ""
    dump(spec, to: &dumped)
    for text in [
      "\(spec)", String(reflecting: spec), dumped, "\([spec])", "\(Optional(spec) as Any)",
    ] {
      #expect(!text.contains("s3cret"))
    }
  }
}
