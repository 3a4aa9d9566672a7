"""What an HTTP hook adds to a call, beside a bare request to it on a kept connection."""

import contextlib
import json
import pathlib
import socket
import statistics
import time

BLOCK = 100
MESSAGE = {
    "method": "tools/call",
    "params": {"name": "echo", "arguments": {"text": "x" * 1000}},
    "when": "before",
    "server": "kept",
    "tool": "echo",
    "session": "01234567",
    "identity": "local",
    "client": {"name": "bench", "version": "1"},
    "callId": "01234567-1",
}


class KeptConnection:
    """A client of the hook that does nothing but ask on one connection."""

    def __init__(self, port):
        body = json.dumps(MESSAGE, separators=(",", ":")).encode()
        head = (
            f"POST /hook HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self.request = head.encode() + body
        self.stream = socket.create_connection(("127.0.0.1", port))
        self.stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self):
        """Milliseconds of one request."""
        begin = time.perf_counter_ns()
        self.stream.sendall(self.request)
        answer = self.stream.recv(65536)
        while b"\r\n\r\n" not in answer:
            answer += self.stream.recv(65536)
        elapsed = time.perf_counter_ns() - begin
        if not answer.startswith(b"HTTP/1.1 204 "):
            raise RuntimeError(f"the hook answered {answer[:200]!r}")
        return elapsed / 1e6

    def close(self):
        self.stream.close()


def measure_http(workplace, session, port, folder, calls):
    """Calls without and with a hook, and requests to the hook alone, in turn."""
    hook = {"name": "bench", "when": "before", "http": f"http://127.0.0.1:{port}/hook"}
    policy = pathlib.Path(folder, "hook-policy.yaml")
    policy.write_text(json.dumps({"version": 1, "hooks": [hook]}))
    policy.chmod(0o600)
    plain, hooked, bare = [], [], []
    kept = ("--servers", "kept")
    with (
        session(workplace.start(*kept)) as without,
        session(workplace.start(*kept, "--policy", str(policy))) as through,
        contextlib.closing(KeptConnection(port)) as connection,
    ):
        for opened in (without, through):
            opened.wait_for_tool("echo")
            for _ in range(BLOCK):
                opened.echo()
        for _ in range(max(1, calls // BLOCK)):
            plain += [without.echo() for _ in range(BLOCK)]
            hooked += [through.echo() for _ in range(BLOCK)]
            bare += [connection.ask() for _ in range(BLOCK)]
    return [statistics.median(times) for times in (plain, hooked, bare)]


def add(table, workplace, session, port, folder, calls):
    plain, hooked, bare = measure_http(workplace, session, port, folder, calls)
    added = hooked - plain
    table.add("request to an HTTP hook, connection kept, median", bare, "ms")
    table.add("added to a call by that hook, median", added, "ms")
    table.add("HTTP hook / bare request", added / bare, "times", 1.3)
