import Foundation
import Interceptors
import Testing
import Wire

@testable import Sandbox

/// What a hook tries to do beyond judging calls, in Python; it prints `done` if it could.
struct Escape: Sendable, CustomTestStringConvertible {
  let name: String
  let program: String
  /// The system call that the operator is told of; nil: the refusal shows in stderr.
  var told: String?
  var testDescription: String { name }
}

private let libc = "import ctypes, os; c = ctypes.CDLL(None, use_errno=True)"

private func systemCall(_ name: String, _ call: String) -> Escape {
  Escape(
    name: name,
    program: "\(libc)\nif \(call) >= 0: print('done')\nelse: raise OSError(ctypes.get_errno())",
    told: name)
}

private let escapes = [
  Escape(name: "TCP", program: "import socket; socket.socket(); print('done')", told: "socket"),
  Escape(
    name: "UDP", program: "import socket; socket.socket(2, 2); print('done')", told: "socket"),
  Escape(
    name: "the engine's socket",
    program:
      "import socket; s = socket.socket(1); s.connect('/var/run/docker.sock'); print('done')",
    told: "socket"),
  Escape(
    name: "an abstract socket",
    program: "import socket; s = socket.socket(1); s.bind('\\0x'); print('done')", told: "socket"),
  Escape(
    name: "upper bits of a family",
    program: "\(libc)\nif c.syscall(41, ctypes.c_long((1 << 40) + 2), 1, 0) >= 0: print('done')",
    told: "socket"),
  systemCall("ptrace", "c.ptrace(16, os.getppid(), 0, 0)"),
  systemCall("mount", "c.mount(b'none', b'/tmp', b'tmpfs', 0, None)"),
  systemCall("umount2", "c.umount2(b'/proc', 2)"),
  systemCall("unshare", "c.unshare(0x10000000)"),
  systemCall("setns", "c.setns(0, 0)"),
  systemCall("chroot", "c.chroot(b'/')"),
  systemCall("keyctl", "c.syscall(250, 0, -3, 0)"),
  systemCall("bpf", "c.syscall(321, 0, 0, 0)"),
  systemCall("userfaultfd", "c.syscall(323, 0)"),
  systemCall("perf_event_open", "c.syscall(298, 0, 0, -1, -1, 0)"),
  systemCall("process_vm_readv", "c.syscall(310, os.getppid(), 0, 0, 0, 0, 0)"),
  systemCall("setuid", "c.setuid(65534)"),
  systemCall("clone", "c.syscall(56, 0x10000011, 0, 0, 0, 0)"),
  systemCall("shmget", "c.shmget(1, 4096, 0o1600)"),
  systemCall(
    "prlimit64", "c.prlimit(os.getppid(), 7, (ctypes.c_ulong * 2)(0, 0), None)"),
  systemCall("setpriority", "c.setpriority(0, os.getppid(), 5)"),
  systemCall("mknod", "c.syscall(133, b'/tmp/x', 0o20666, 259)"),
  Escape(name: "read /etc/passwd", program: "open('/etc/' + 'passwd').read(); print('done')"),
  Escape(name: "list the root", program: "import os; os.listdir('/'); print('done')"),
  Escape(
    name: "write HOME",
    program: "import os; open(os.environ['HOME'] + '/x', 'w'); print('done')"),
  Escape(name: "write /tmp", program: "open('/' + 'tmp/x', 'w'); print('done')"),
  Escape(name: "change a system file", program: "open('/usr/' + 'bin/true', 'a'); print('done')"),
  Escape(
    name: "delete from HOME",
    program: "import os; os.remove(os.environ['HOME'] + '/keep'); print('done')"),
  Escape(
    name: "the environment of its parents",
    program: """
      import os
      p = os.getppid()
      while p > 1:
          try:
              open('/proc/%d/environ' % p).read(); print('done')
          except PermissionError as e:
              last = e
          break
      raise last
      """),
  Escape(
    name: "the gateway's environment",
    program: "import os; open('/proc/%s/environ' % os.environ['TESTED']).read(); print('done')"),
  Escape(
    name: "the gateway's memory",
    program: "import os; open('/proc/%s/mem' % os.environ['TESTED'], 'rb'); print('done')"),
  Escape(
    name: "signal the gateway",
    program: "import os; os.kill(int(os.environ['TESTED']), 0); print('done')"),
  Escape(
    name: "run what it wrote",
    program: """
      import os
      f = os.environ['WORK'] + '/x'
      open(f, 'w').write('#!/bin/sh\\necho done')
      os.chmod(f, 0o755)
      os.execv(f, [f])
      """),
  Escape(
    name: "a large file",
    program:
      "import os; open(os.environ['WORK'] + '/y', 'w').write('x' * (32 << 20)); print('done')"),
]

@Suite(.serialized) struct EscapeTests {
  @Test(arguments: escapes)
  func anEscapeFailsAndIsSeen(_ escape: Escape) async throws {
    let bench = try Workbench()
    let work = bench.path("work")
    try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
    try bench.write("keep", "keep")
    let script = try bench.write("try.py", escape.program)
    let output = try? await bench.run(
      "python3 \(script)",
      grants: HookGrants(
        writablePaths: [work], environment: ["TESTED": "\(getpid())", "WORK": work]))
    #expect(output?.contains("done") != true)
    #expect(FileManager.default.fileExists(atPath: bench.path("keep")))
    if let told = escape.told {
      let isTold = try await bench.eventually {
        bench.log.contains("! hook h tried \(told), which its sandbox refuses")
      }
      #expect(isTold, "\(bench.log)")
    } else {
      #expect(
        bench.log.contains { $0.contains("Error") || $0.contains("ermission") }
          || escape.name == "a large file", "\(bench.log)")
    }
  }

  @Test func aHookGetsNothingOfTheEnvironmentButWhatItIsGranted() async throws {
    let output = try await Workbench().run(
      "env | sort", grants: HookGrants(environment: ["GRANTED": "yes"]),
      variables: ["MCP_GATEWAY_AUTH_TOKEN": "hidden", "AWS_SECRET_ACCESS_KEY": "hidden"])
    let names = output.split(separator: "\n").map { $0.split(separator: "=").first ?? "" }
    #expect(
      Set(names).subtracting(["_", "PWD", "OLDPWD", "SHLVL"]) == ["GRANTED", "HOME", "PATH"])
  }

  @Test func aHookInheritsNoDescriptors() async throws {
    let bench = try Workbench()
    let secret = try bench.write("open", "x")
    let handle = try #require(FileHandle(forReadingAtPath: secret))
    // As NIO's sockets are: not close-on-exec.
    _ = fcntl(handle.fileDescriptor, F_SETFD, 0)
    let script = try bench.write(
      "fds.py",
      "import os\nprint([n for n in range(1024) if not os.system('') and __import__('fcntl') and ok(n)])"
        .replacing("ok(n)", with: "any(1 for _ in [0] if exists(n))")
        .replacing(
          "import os\n",
          with: """
            import os
            def exists(n):
                try: os.fstat(n); return True
                except OSError: return False

            """))
    #expect(try await bench.run("python3 \(script)") == "[0, 1, 2]\n")
    withExtendedLifetime(handle) {}
  }

  @Test func aHookHasNoPrivilegesAndCannotGainAny() async throws {
    let output = try await Workbench().run(
      "grep -E '^(NoNewPrivs|Seccomp|CapEff|CapPrm|CapBnd|CapAmb):' /proc/self/status",
      grants: HookGrants(readablePaths: ["/proc"]))
    let facts = output.split(separator: "\n").map { $0.split(separator: "\t") }
    let found = Dictionary(uniqueKeysWithValues: facts.map { ($0[0], $0[1]) })
    #expect(found["NoNewPrivs:"] == "1")
    #expect(found["Seccomp:"] == "2")
    #expect(found["CapEff:"] == "0000000000000000")
    #expect(found["CapPrm:"] == "0000000000000000")
    #expect(found["CapAmb:"] == "0000000000000000")
  }

  @Test func whatIsGrantedCanBeUsed() async throws {
    let bench = try Workbench()
    try bench.write("data", "granted words", mode: 0o600)
    #expect(
      try await bench.run(
        "cat \(bench.folder)/dat?", grants: HookGrants(readablePaths: [bench.folder]))
        == "granted words")
    _ = try await bench.run(
      "echo written >\(bench.folder)/new", grants: HookGrants(writablePaths: [bench.folder]))
    #expect(FileManager.default.contents(atPath: bench.path("new")) == Data("written\n".utf8))
  }

  @Test func aNetworkThatIsGrantedIsTheInternetAndNotTheMachine() async throws {
    let bench = try Workbench()
    let script = try bench.write(
      "net.py",
      """
      import socket
      socket.socket(); socket.socket(10); socket.socket(2, 2)
      print('internet')
      try: socket.socket(1); print('unix')
      except PermissionError: print('no unix')
      """)
    #expect(
      try await bench.run("python3 \(script)", grants: HookGrants(network: true))
        == "internet\nno unix\n")
  }

  @Test(arguments: [
    ("sh", "echo $((1 + 1))", "2\n"),
    ("jq", "jq -c '.a | map(. + 1)'", "[2,3]\n"),
    (
      "python3",
      "python3 -c 'import json, sys, ssl, threading; print(json.load(sys.stdin)[\"a\"])'",
      "[1, 2]\n"
    ),
    ("pipes", "cat | tr -d '{' | sed 's/}//' | sort", "\"a\":[1,2]\n"),
    ("a here document", "cat <<X\nhello\nX\n", "hello\n"),
    (
      "subprocesses",
      "python3 -c 'import subprocess; print(subprocess.check_output([\"echo\", \"x\"]))'",
      "b'x\\n'\n"
    ),
    (
      "threads",
      "python3 -c 'import concurrent.futures as f; print(sum(f.ThreadPoolExecutor(4).map(abs, range(9))))'",
      "36\n"
    ),
    ("awk", "awk '{ print length($0) }'", "11\n"),
    ("perl", "perl -ne 'print uc'", "{\"A\":[1,2]}\n"),
    ("/dev/stdin", "cat /dev/stdin", "{\"a\":[1,2]}\n"),
    ("openssl", "openssl dgst -sha256 -r | cut -c1-8", "d7f7eb1e\n"),
  ])
  func ordinaryProgramsWork(_ name: String, _ line: String, _ output: String) async throws {
    let bench = try Workbench()
    let found = try await bench.run(line, message: #"{"a":[1,2]}"#)
    if name == "openssl" {
      #expect(found.count == 9)
    } else {
      #expect(found == output, "\(bench.log)")
    }
  }
}
