"""Opens many sessions with a listening gateway: most do nothing, some call without pause.

usage: load.py GATEWAY [--idle N] [--busy N] [--calls N] [--streams] [--name NAME]
  --idle     sessions that do nothing (default 1000)
  --busy     sessions that call (default 100), each --calls times (default 20)
  --streams  the idle sessions hold their stream open, as public clients do
  --name     what the gateway calls the echo server behind it
Prints what it measured as JSON; ends with 1 when a call failed or the gateway did not end cleanly.
Needs scripts/images echo.
"""

import argparse
import asyncio
import contextlib
import json
import os
import pathlib
import secrets
import statistics
import sys
import tempfile
import time
import urllib.request

import children
import workplace

IMAGE = "mcp-gateway-bench/echo:1"
VERSION = "2025-11-25"
TEXT = "x" * 1000
HELLO = {
    "protocolVersion": VERSION,
    "capabilities": {},
    "clientInfo": {"name": "load", "version": "1"},
}


class Failed(Exception):
    pass


def message(method, params=None, identity=None):
    content = {"jsonrpc": "2.0", "method": method}
    if identity is not None:
        content["id"] = identity
    if params is not None:
        content["params"] = params
    return json.dumps(content, separators=(",", ":")).encode()


def echo_call(identity):
    return message("tools/call", {"name": "echo", "arguments": {"text": TEXT}}, identity)


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_kilobytes(process):
    for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError("no VmRSS")


def peak_kilobytes(process):
    for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise RuntimeError("no VmHWM")


class Gateway:
    """A gateway that listens on loopback, in a home of its own."""

    def __init__(self, program, folder, name="load", *, image=IMAGE, options=()):
        environment = workplace.home(folder, name, workplace.container(image))
        self.port, self.token = workplace.free_port(), secrets.token_hex(16)
        environment["MCP_GATEWAY_AUTH_TOKEN"] = self.token
        command = [str(program), "gateway", "run", "--transport", "streaming"]
        command += ["--port", str(self.port), *options]
        self.log = pathlib.Path(folder, "log")
        self.process = children.start(command, env=environment, stderr=self.log.open("w"))
        try:
            self.wait()
        except BaseException:
            self.end()
            raise

    def wait(self):
        for _ in range(1200):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5).close()
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"the gateway is not ready: {self.log.read_text()[-2000:]}")

    def head(self, method, session=None, length=None):
        lines = [
            f"{method} /mcp HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Authorization: Bearer {self.token}",
            "Accept: "
            + ("text/event-stream" if method == "GET" else "application/json, text/event-stream"),
        ]
        if session:
            lines += [f"Mcp-Session-Id: {session}", f"MCP-Protocol-Version: {VERSION}"]
        if length is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {length}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def end(self):
        """Whether it ended by SIGTERM, as it should."""
        return children.end(self.process, 60) == 0


class Session:
    """One session on one connection."""

    def __init__(self, gateway):
        self.gateway, self.identity, self.session = gateway, 0, None

    async def connect(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.gateway.port)

    async def answer(self):
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        status = int(head[0].split()[1])
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int((await self.reader.readline()), 16):
                body += (await self.reader.readexactly(size + 2))[:-2]
            await self.reader.readline()
        else:
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return status, headers, body

    async def post(self, body):
        self.writer.write(self.gateway.head("POST", self.session, len(body)) + body)
        return await self.answer()

    async def open(self):
        await self.connect()
        status, headers, body = await self.post(message("initialize", HELLO, 0))
        if status != 200:
            raise Failed(f"initialize: {status} {body[:200]!r}")
        self.session = headers["mcp-session-id"]
        status, _, body = await self.post(message("notifications/initialized"))
        if status != 202:
            raise Failed(f"initialized: {status} {body[:200]!r}")

    async def rest(self, stream):
        """Does nothing from now on; with its stream open, or without any connection."""
        if not stream:
            self.writer.close()
            return
        self.writer.write(self.gateway.head("GET", self.session))
        head = await self.reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n")[0]:
            raise Failed(f"the stream: {head[:200]!r}")

    async def echo(self):
        self.identity += 1
        status, _, body = await self.post(echo_call(self.identity))
        if status != 200 or TEXT.encode() not in body:
            raise Failed(f"a call: {status} {body[:300]!r}")

    def close(self):
        self.writer.close()


async def opened(gateway, count):
    """Sessions, a few at a time as they come in life."""
    places, sessions = asyncio.Semaphore(16), [Session(gateway) for _ in range(count)]

    async def one(session):
        async with places:
            await session.open()

    await asyncio.gather(*(one(session) for session in sessions))
    return sessions


async def load(gateway, idle, busy, calls, streams):
    process = gateway.process.pid
    warm = await opened(gateway, 20)  # what the first sessions bring in is not counted
    await warm[0].echo()
    await asyncio.sleep(1)
    before = resident_kilobytes(process)
    resting = await opened(gateway, idle)
    for session in resting:
        await session.rest(streams)
    await asyncio.sleep(2)
    after = resident_kilobytes(process)

    callers = await opened(gateway, busy)
    await asyncio.gather(*(session.echo() for session in callers))  # starts their containers
    times = []

    async def call(session):
        for _ in range(calls):
            begin = time.perf_counter()
            await session.echo()
            times.append(1000 * (time.perf_counter() - begin))

    begin = time.perf_counter()
    await asyncio.gather(*(call(session) for session in callers))
    seconds = time.perf_counter() - begin
    # Whoever rested is still known.
    for session in resting[:10]:
        if not streams:
            await session.connect()
            status, _, body = await session.post(message("ping", {}, 1))
            if status != 200:
                raise Failed(f"a session that rested: {status} {body[:200]!r}")
            session.close()
        elif session.reader.at_eof():
            raise Failed("a stream ended while its session rested")
    for session in warm + callers:
        session.close()
    return {
        "kilobytesPerIdleSession": (after - before) / max(1, idle),
        "calls": len(times),
        "callsPerSecond": len(times) / seconds if seconds else 0,
        "medianMilliseconds": statistics.median(times) if times else 0,
        "residentKilobytes": resident_kilobytes(process),
        "peakKilobytes": peak_kilobytes(process),
    }


def measure(program, folder, *, idle, busy, calls, streams, name="load"):
    sessions = 2 * (idle + busy + 20)
    options = ["--max-sessions", str(sessions), "--max-client-sessions", str(sessions)]
    options += ["--max-containers", str(busy + 40), "--log-calls=false"]
    gateway = Gateway(program, folder, name, options=options)
    try:
        result = asyncio.run(load(gateway, idle, busy, calls, streams))
    except BaseException:
        gateway.end()
        raise
    result["endsCleanly"] = gateway.end()
    return result


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("gateway", type=pathlib.Path)
    parser.add_argument("--idle", type=int, default=1000)
    parser.add_argument("--busy", type=int, default=100)
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--streams", action="store_true")
    parser.add_argument("--name", default="load")
    options = parser.parse_args()
    children.end_by_signals()
    with tempfile.TemporaryDirectory() as folder:
        try:
            result = measure(
                options.gateway.resolve(),
                folder,
                idle=options.idle,
                busy=options.busy,
                calls=options.calls,
                streams=options.streams,
                name=options.name,
            )
        except (Failed, OSError, RuntimeError, asyncio.IncompleteReadError) as failure:
            sys.exit(f"load: {failure!r}\n{pathlib.Path(folder, 'log').read_text()[-2000:]}")
    print(json.dumps(result, indent=1))
    sys.exit(not result["endsCleanly"])


if __name__ == "__main__":
    main()
