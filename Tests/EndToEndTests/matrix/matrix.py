"""Client x transport x server: is what a client sees through the gateway what it sees directly?

usage: matrix.py [--gateway PROGRAM] [--pairs] [--list] [--keep FOLDER] [ROW...]
  ROW       client/transport/server/upstream, such as mcp-1/stdio/2/container; any part may be *
  --pairs   a few rows in which each pair of values occurs together, instead of all
  --list    print the rows and do nothing
  --keep    write the transcripts there
Ends with 1 when something differs. The servers need scripts/images and scripts/venv.
"""

import argparse
import contextlib
import fnmatch
import itertools
import json
import os
import pathlib
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time

import compare

PROJECT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(PROJECT / "scripts/python"))
import children  # noqa: E402
import workplace  # noqa: E402

SERVER = PROJECT / "Tests/Servers/everything/main.py"
CLIENTS = ("mcp-1", "mcp-2", "mcp-2-legacy", "fastmcp-3", "fastmcp-4")
TRANSPORTS = ("stdio", "streaming", "sse")
SERVERS = ("1", "2")
UPSTREAMS = ("container", "streaming", "sse")
PATHS = {"streaming": "mcp", "sse": "sse"}


def rows():
    return list(itertools.product(CLIENTS, TRANSPORTS, SERVERS, UPSTREAMS))


def pairs(client, transport, server, upstream):
    row = (("client", client), ("transport", transport), ("server", server), ("up", upstream))
    return set(itertools.combinations(row, 2))


def few_rows():
    """Rows that have every pair of values between them: always the one that adds most."""
    left, chosen = set().union(*(pairs(*row) for row in rows())), []
    while left:
        best = max(rows(), key=lambda row: len(pairs(*row) & left))
        left -= pairs(*best)
        chosen.append(best)
    return chosen


def python(name):
    kind = {"mcp-1": "1", "mcp-2": "2", "mcp-2-legacy": "2"}.get(name, name)
    command = [PROJECT / "scripts/venv", kind]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


@contextlib.contextmanager
def running(command, port, environment=None):
    """A program that listens on this port, ended by a signal as an operator would."""
    process = children.start(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
                break
            if process.poll() is not None:
                raise RuntimeError(f"{command[0]} ended: {process.stderr.read()[-2000:]}")
            time.sleep(0.05)
        else:
            raise RuntimeError(f"{command[0]} does not listen")
        # A pipe that nobody reads fills up and stops the program.
        reader = subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
        process.stderr.close()
        yield
    finally:
        status = children.end(process)
    reader.wait()
    if status is None:
        raise RuntimeError(f"{command[0]} does not end by SIGTERM")


@contextlib.contextmanager
def listening_server(server, transport):
    port = workplace.free_port()
    with running([python("mcp-" + server), str(SERVER), transport, str(port)], port):
        yield f"http://127.0.0.1:{port}/{PATHS[transport]}"


@contextlib.contextmanager
def direct_target(transport, server):
    if transport == "stdio":
        environment = {"PATH": os.environ["PATH"]}
        command = [python("mcp-" + server), str(SERVER), "stdio"]
        yield {"command": command, "env": environment}
        return
    with listening_server(server, transport) as url:
        yield {"url": url}


@contextlib.contextmanager
def entry(server, upstream):
    """The server as an entry of a catalog, running if it is a remote one."""
    if upstream == "container":
        yield workplace.container(f"mcp-gateway-test/everything:{server}")
        return
    kind = "streamable-http" if upstream == "streaming" else "sse"
    with listening_server(server, upstream) as url:
        yield {"type": "remote", "remote": {"url": url, "transport_type": kind}}


@contextlib.contextmanager
def gateway_target(program, transport, catalog_entry, name):
    with tempfile.TemporaryDirectory() as home:
        environment = workplace.home(home, name, catalog_entry)
        # Servers of this machine are not what a gateway may reach unasked.
        environment["DOCKER_MCP_ALLOW_INSECURE_REMOTE_URLS"] = "1"
        command = [program, "gateway", "run"]
        if transport == "stdio":
            yield {"command": command, "env": environment}
            return
        port, token = workplace.free_port(), secrets.token_hex(16)
        environment["MCP_GATEWAY_AUTH_TOKEN"] = token
        command += ["--transport", transport, "--port", str(port)]
        with running(command, port, environment):
            yield {"url": f"http://127.0.0.1:{port}/{PATHS[transport]}", "token": token}


def transcript(client, transport, target):
    request = {"client": client, "transport": transport, "target": target}
    script = pathlib.Path(__file__).with_name("session.py")
    process = subprocess.run(
        [python(client), str(script)],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    if process.returncode != 0:
        raise RuntimeError(f"{client} over {transport}:\n{process.stderr[-3000:]}")
    return json.loads(process.stdout)


def perform(program, row, name):
    """What is wrong with this row, as text; and the two transcripts."""
    client, transport, server, upstream = row
    with direct_target(transport, server) as target:
        direct = transcript(client, transport, target)
    with entry(server, upstream) as catalog_entry:
        with gateway_target(program, transport, catalog_entry, name) as target:
            gateway = transcript(client, transport, target)
    lacking = ["direct " + each for each in compare.shortcomings(direct)]
    return lacking + compare.differences(direct, gateway), direct, gateway


def keep(folder, row, direct, gateway):
    for way, content in (("direct", direct), ("gateway", gateway)):
        path = pathlib.Path(folder, re.sub(r"\W", "-", "-".join(row)) + f".{way}.json")
        path.write_text(json.dumps(content, indent=1))


def report(program, row, name, folder):
    begin = time.monotonic()
    try:
        wrong, direct, gateway = perform(program, row, name)
        versions = f"{direct['hello']['protocolVersion']} -> {gateway['hello']['protocolVersion']}"
        if folder:
            keep(folder, row, direct, gateway)
    except (RuntimeError, subprocess.TimeoutExpired) as failure:
        wrong, versions = [str(failure)], "?"
    seconds = time.monotonic() - begin
    state = f"{len(wrong)} differences" if wrong else "equal"
    print(f"{'/'.join(row)}  {versions}  {seconds:.1f} s  {state}", flush=True)
    for each in wrong:
        print("  " + each, flush=True)
    return wrong


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--gateway", default=str(PROJECT / ".build/debug/gateway"))
    parser.add_argument("--pairs", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--keep", metavar="FOLDER")
    parser.add_argument("--name", default="everything", help="what the gateway calls the server")
    parser.add_argument("rows", nargs="*", metavar="ROW")
    options = parser.parse_args()
    children.end_by_signals()
    chosen = few_rows() if options.pairs else rows()
    if options.rows:
        match = lambda row: any(fnmatch.fnmatch("/".join(row), each) for each in options.rows)
        chosen = [row for row in chosen if match(row)]
    if options.list:
        print("\n".join("/".join(row) for row in chosen))
        return
    if not chosen:
        sys.exit("matrix: there is no such row")
    failed = [row for row in chosen if report(options.gateway, row, options.name, options.keep)]
    print(f"{len(chosen) - len(failed)} of {len(chosen)} rows equal")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
