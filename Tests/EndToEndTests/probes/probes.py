"""Sends the gateway what no good client would, and checks what it says and that it lives on.

usage: probes.py [--gateway PROGRAM] [--name NAME] [TABLE...]     TABLE: stdio streaming modern sse
  --only TEXT   only cases with this in their name
  --name        what the gateway calls the server behind it
Ends with 1 when an answer is not the one that the specification wants. Needs scripts/images.
"""

import argparse
import pathlib
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.request

import notation
import over_http
import over_stdio

PROJECT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(PROJECT / "scripts/python"))
import children  # noqa: E402
import workplace  # noqa: E402

IMAGE = "mcp-gateway-test/everything:2"


class Workplace:
    """A home for gateways with one server behind them."""

    def __init__(self, folder, program, name):
        self.program, self.log = program, pathlib.Path(folder, "log")
        self.environment = workplace.home(folder, name, workplace.container(IMAGE))

    def start(self, *arguments, **more):
        return children.start(
            [self.program, "gateway", "run", *arguments],
            env=self.environment,
            stderr=self.log.open("a"),
            **more,
        )

    def start_over_stdio(self):
        return self.start(stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def listen(self, transport):
        port, token = workplace.free_port(), secrets.token_hex(16)
        self.environment["MCP_GATEWAY_AUTH_TOKEN"] = token
        process = self.start("--transport", transport, "--port", str(port))
        try:
            for _ in range(1200):
                try:
                    # It fails with 503 until the server has been listed.
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                    return process, port, token
                except OSError:
                    if process.poll() is not None:
                        break
                    time.sleep(0.05)
            raise RuntimeError(f"the gateway does not listen: {self.log.read_text()[-2000:]}")
        except BaseException:
            children.end(process)
            raise


def results(table, cases, workplace):
    if table == "stdio":
        yield from over_stdio.probe(cases, workplace.start_over_stdio)
        return
    transport = "sse" if table == "sse" else "streaming"
    process, port, token = workplace.listen(transport)
    try:
        if table == "sse":
            endpoint = over_http.SSE(port, token)
        else:
            endpoint = over_http.Streaming(port, token, modern=table == "modern")
        yield from over_http.probe(cases, endpoint)
        if process.poll() is not None:
            raise RuntimeError(f"the gateway ended: {process.returncode}")
    finally:
        status = children.end(process)
    if status != 0:
        raise RuntimeError(f"the gateway ended with {status}")


def report(table, cases, workplace):
    wrong = 0
    for case, fault in results(table, cases, workplace):
        if fault:
            wrong += 1
            print(f"{case}: {fault}   [{case.section}]", flush=True)
    print(f"{table}: {len(cases) - wrong} of {len(cases)} as specified", flush=True)
    return wrong


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--gateway", default=str(PROJECT / ".build/debug/gateway"))
    parser.add_argument("--name", default="probed")
    parser.add_argument("--only", default="")
    parser.add_argument("tables", nargs="*", choices=[[], *notation.TABLES])
    options = parser.parse_args()
    children.end_by_signals()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        workplace = Workplace(folder, options.gateway, options.name)
        for table in options.tables or notation.TABLES:
            cases = [case for case in notation.cases(table) if options.only in str(case)]
            if not cases:
                continue
            try:
                wrong += report(table, cases, workplace)
            except (RuntimeError, OSError, over_stdio.Died) as failure:
                wrong += len(cases)
                print(f"{table}: {failure}\n{workplace.log.read_text()[-1000:]}", flush=True)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
