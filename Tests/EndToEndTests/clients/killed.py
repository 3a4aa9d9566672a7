"""Kills a gateway at random moments while many sessions call, and then asks its audit log.

usage: killed.py GATEWAY FOLDER [--repeat N] [--calls N] [--sessions N] [--kills N]

Every call that a client got an answer to must have its record, and the log must verify once the next
gateway has started. The one server is a thread of this program, so that no containers are needed.
Exit status 0 if all of that is so.
"""

import argparse
import http.client
import http.server
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "scripts/python"))
import children  # noqa: E402

TOKEN = "killed-" + os.urandom(16).hex()
HELLO = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "killed", "version": "1"},
}


class Echo(http.server.BaseHTTPRequestHandler):
    """An MCP server that answers at once."""

    protocol_version = "HTTP/1.1"
    TOOL = {"name": "echo", "inputSchema": {"type": "object"}}

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "id" not in message:
            return self.send(202, b"")
        result = self.result(message["method"], message.get("params") or {})
        answer = {"jsonrpc": "2.0", "id": message["id"], "result": result}
        self.send(200, json.dumps(answer).encode())

    def result(self, method, params):
        if method == "initialize":
            info = {"name": "echo", "version": "1"}
            version = params["protocolVersion"]
            return {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info}
        if method == "tools/list":
            return {"tools": [self.TOOL]}
        if method == "tools/call":
            return {"content": [{"type": "text", "text": params["arguments"]["text"]}]}
        return {}

    def do_GET(self):
        self.send(405, b"")

    do_DELETE = do_GET

    def send(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

    @classmethod
    def serve(cls):
        # All sessions come at once; a short queue would have the system reset some of them.
        http.server.ThreadingHTTPServer.request_queue_size = 256
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), cls)
        server.daemon_threads = True
        # Its clients are killed all the time.
        server.handle_error = lambda *_: None
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server.server_address[1]


class Gateway:
    def __init__(self, program, folder, echo_port):
        self.program, self.folder, self.process = program, pathlib.Path(folder), None
        self.log = self.folder / "log"
        (self.folder / "home").mkdir(parents=True, exist_ok=True)
        remote = {"url": f"http://127.0.0.1:{echo_port}/mcp", "transport_type": "http"}
        catalog = {"registry": {"echo": {"type": "remote", "remote": remote}}}
        (self.folder / "catalog.json").write_text(json.dumps(catalog))
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "MCP_GATEWAY_AUTH_TOKEN": TOKEN,
            "DOCKER_MCP_ALLOW_INSECURE_REMOTE_URLS": "1",
        }
        if "DOCKER_HOST" in os.environ:
            self.environment["DOCKER_HOST"] = os.environ["DOCKER_HOST"]

    def start(self):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        command = [self.program, "gateway", "run", "--transport", "streaming"]
        command += ["--port", str(self.port), "--catalog", str(self.folder / "catalog.json")]
        command += ["--servers", "echo", "--audit", f"{self.log}/", "--audit-values"]
        command += ["--log-calls=false", "--watch=false"]
        with open(self.folder / "stderr", "ab") as errors:
            self.process = children.start(command, env=self.environment, stderr=errors)
        end = time.monotonic() + 60
        while self.status() != 200:
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((self.folder / "stderr").read_text()[-2000:])
            time.sleep(0.02)

    def status(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status
        except OSError:
            return None
        finally:
            connection.close()

    def stop(self, number):
        self.process.send_signal(number)
        return self.process.wait(60)

    def run(self, *words):
        command = [self.program, "audit", *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True)


class Client:
    """One session; ends with its gateway."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.session = None
        self.post({"id": 0, "method": "initialize", "params": HELLO})
        self.post({"method": "notifications/initialized"})

    def post(self, message):
        fields = {
            "Authorization": "Bearer " + TOKEN,
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
        }
        if self.session:
            fields["Mcp-Session-Id"] = self.session
        body = json.dumps({"jsonrpc": "2.0", **message})
        self.connection.request("POST", "/mcp", body, fields)
        response = self.connection.getresponse()
        text = response.read().decode()
        self.session = response.headers.get("Mcp-Session-Id", self.session)
        if response.status not in (200, 202):
            raise RuntimeError(f"status {response.status}: {text}")
        return text

    def call(self, number, text):
        params = {"name": "echo", "arguments": {"text": text}}
        answer = self.post({"id": number, "method": "tools/call", "params": params})
        if text not in answer:
            raise RuntimeError(f"not an echo: {answer[:300]}")


class Load:
    """Sessions that call until there were enough calls or the gateway is gone."""

    def __init__(self, calls):
        self.lock = threading.Lock()
        self.left = calls
        self.answered = set()
        self.wrong = []

    def take(self):
        with self.lock:
            self.left -= 1
            return self.left >= 0

    def session(self, port, name):
        number = 0
        try:
            client = Client(port)
            while self.take():
                number += 1
                text = f"{name}/{number}"
                client.call(number, text)
                with self.lock:
                    self.answered.add(text)
        except (OSError, http.client.HTTPException):
            pass  # killed, as it should be
        except RuntimeError as error:
            self.wrong.append(str(error))


def load(gateway, work, sessions, name, kill_at):
    """Calls until all are made, or until the gateway is killed with this many left."""
    gateway.start()
    threads = [
        threading.Thread(target=work.session, args=(gateway.port, f"{name}/{number}"))
        for number in range(sessions)
    ]
    for thread in threads:
        thread.start()
    if kill_at is None:
        for thread in threads:
            thread.join()
        if gateway.stop(signal.SIGTERM) != 0:
            raise RuntimeError("the gateway did not end well")
    else:
        end = time.monotonic() + 120
        while work.left > kill_at and not work.wrong:
            if time.monotonic() > end:
                raise RuntimeError(f"{work.left} calls are left and no more are answered")
            time.sleep(random.uniform(0, 0.003))
        gateway.stop(signal.SIGKILL)
        for thread in threads:
            thread.join()


def recorded(log):
    texts = set()
    for path in sorted(pathlib.Path(log).glob("*.jsonl")):
        for line in path.read_text().splitlines():
            record = json.loads(line)
            if record["type"] == "call":
                texts.add(record["input"]["values"]["text"])
    return texts


def repetition(options, number, echo_port):
    gateway = Gateway(options.gateway, pathlib.Path(options.folder, str(number)), echo_port)
    work = Load(options.calls)
    try:
        for kill in range(options.kills):
            # In the midst of calls, however fast the machine is.
            kill_at = random.randint(options.sessions, max(options.sessions, work.left))
            load(gateway, work, options.sessions, f"{number}/{kill}", kill_at)
        # What is left of the calls; the last gateway ends well.
        load(gateway, work, options.sessions, f"{number}/end", None)
    finally:
        if gateway.process and gateway.process.poll() is None:
            gateway.process.kill()
            gateway.process.wait()
    verified = gateway.run("verify", str(gateway.log), "--closed")
    missing = work.answered - recorded(gateway.log)
    print(
        f"{number}: {len(work.answered)} answers, {options.kills} kills, {len(missing)} without a"
        f" record; verify {verified.returncode}: {verified.stdout.strip()}{verified.stderr.strip()}",
        flush=True,
    )
    problems = sorted(missing)[:5] + work.wrong[:5]
    if problems:
        print("\n".join(problems), file=sys.stderr)
    # A call that a kill caught was counted and not answered: at most one of each session and kill.
    enough = len(work.answered) >= options.calls - options.sessions * options.kills
    return not problems and verified.returncode == 0 and enough


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("gateway")
    parser.add_argument("folder")
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--sessions", type=int, default=32)
    parser.add_argument("--kills", type=int, default=4)
    options = parser.parse_args()
    children.end_by_signals()
    echo_port = Echo.serve()
    results = [repetition(options, number, echo_port) for number in range(1, options.repeat + 1)]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
