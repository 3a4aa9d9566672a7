"""The part of the benchmark that is about streamable HTTP."""

import asyncio
import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import time

import engine
import load
import workplace

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SESSIONS, ROUNDS, SECONDS = 32, 3, 5


def compiled(folder, source):
    program = pathlib.Path(folder, source.stem)
    compiler = next((name for name in ("clang", "gcc") if shutil.which(name)), "cc")
    subprocess.run([compiler, "-std=c11", "-O2", "-o", program, source], check=True)
    return program


async def requests_of_sessions(gateway):
    """One call per session, written out, after each session has made its first."""
    sessions = await load.opened(gateway, SESSIONS)
    await asyncio.gather(*(session.echo() for session in sessions))
    for session in sessions:
        session.close()
    call = load.echo_call(1)
    return [gateway.head("POST", session.session, len(call)) + call for session in sessions]


def rate(generator, target, requests, folder, descriptors=()):
    """Calls and seconds of the generator, which does nothing but send and wait."""
    path = pathlib.Path(folder, "requests")
    path.write_bytes(b"".join(b"%d\n%s" % (len(request), request) for request in requests))
    command = [generator, str(target), str(SECONDS), path, *map(str, descriptors)]
    output = subprocess.check_output(command, text=True, pass_fds=descriptors)
    calls, _, seconds = output.split()
    return int(calls), float(seconds)


@contextlib.contextmanager
def attached_containers():
    """As many containers as there are sessions, without a gateway in front of them."""
    with contextlib.ExitStack() as stack:
        containers = []
        for _ in range(SESSIONS):
            containers.append(engine.Attached())
            stack.callback(containers[-1].close)
        yield [container.stream.fileno() for container in containers]


@contextlib.contextmanager
def bare_echo(program):
    port = workplace.free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([program, str(port)], **quiet)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            time.sleep(0.05)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait()


def measure_calls(gateway, echo, folder):
    """Calls per second and processor time per call of the gateway and of a bare server, in turn."""
    generator = compiled(folder, PROJECT / "Bench/http-load.c")
    running = load.Gateway(gateway, pathlib.Path(folder, "http"))
    totals = {way: [0, 0.0, 0.0] for way in ("gateway", "bare", "attached")}
    lines = [load.echo_call(1) + b"\n"] * SESSIONS
    try:
        requests = asyncio.run(requests_of_sessions(running))
        with bare_echo(echo) as (echo_process, echo_port), attached_containers() as descriptors:
            ways = {
                "gateway": (running.process.pid, running.port, requests, ()),
                "bare": (echo_process, echo_port, requests, ()),
                "attached": (os.getpid(), "-", lines, descriptors),
            }
            for _ in range(ROUNDS):
                for way, (process, target, sent, descriptors) in ways.items():
                    before = load.cpu_seconds(process)
                    calls, seconds = rate(generator, target, sent, folder, descriptors)
                    measured = (calls, seconds, load.cpu_seconds(process) - before)
                    totals[way] = [sum(pair) for pair in zip(totals[way], measured)]
    finally:
        if not running.end():
            raise RuntimeError("the gateway did not end cleanly")
    return {
        way: (calls / seconds, 1000 * cpu / calls) for way, (calls, seconds, cpu) in totals.items()
    }


async def large_call(gateway, size):
    session = load.Session(gateway)
    await session.open()
    call = {"name": "large", "arguments": {"bytes": 16}}
    await session.post(load.message("tools/call", call, 1))
    await asyncio.sleep(1)
    before = load.resident_kilobytes(gateway.process.pid)
    call["arguments"]["bytes"] = size
    status, _, body = await session.post(load.message("tools/call", call, 2))
    if status != 200 or len(body) < size:
        raise RuntimeError(f"a large result: {status}, {len(body)} bytes")
    session.close()
    return (load.peak_kilobytes(gateway.process.pid) - before) / 1024


def measure_large(gateway, folder, size=10_000_000):
    """Megabytes that the gateway needs more while a result of ten goes through it."""
    image = "mcp-gateway-test/everything:1"
    running = load.Gateway(gateway, pathlib.Path(folder, "large"), image=image)
    try:
        return asyncio.run(large_call(running, size))
    finally:
        running.end()


def measure_sessions(gateway, folder, streams):
    return load.measure(
        gateway,
        pathlib.Path(folder, f"load-{streams}"),
        idle=1000,
        busy=100,
        calls=20,
        streams=streams,
    )


def add(table, gateway, echo, folder):
    ways = measure_calls(gateway, echo, folder)
    (calls, cpu), (bare_calls, bare_cpu) = ways["gateway"], ways["bare"]
    attached_calls, _ = ways["attached"]
    table.add(f"streamable HTTP, {SESSIONS} sessions: calls through the gateway", calls, "/s")
    table.add("the same calls straight to the containers, over the engine", attached_calls, "/s")
    table.add("straight / gateway, calls per second", attached_calls / calls, "times", 2)
    table.add("the same requests to a bare Hummingbird echo", bare_calls, "/s")
    table.add("bare echo / gateway, calls per second", bare_calls / calls, "times", 2)
    table.add("processor time of the gateway per call over HTTP", cpu, "ms", 0.30)
    table.add("processor time of the bare echo per request", bare_cpu, "ms")
    table.add(
        "memory above rest during a result of 10 MB", measure_large(gateway, folder), "MB", 40
    )
    for streams, what in ((False, ""), (True, ", its stream open")):
        measured = measure_sessions(gateway, folder, streams)
        if not measured["endsCleanly"]:
            raise RuntimeError("the gateway did not end cleanly")
        memory = measured["kilobytesPerIdleSession"]
        target = None if streams else 20
        table.add(f"memory per idle session{what}, 1,000 of them", memory, "kB", target)
    table.add("100 sessions calling beside them, median", measured["medianMilliseconds"], "ms")
