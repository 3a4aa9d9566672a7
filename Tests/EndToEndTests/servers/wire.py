"""Newline-delimited JSON-RPC over standard input and output, and nothing else.

The servers of the tests use no MCP library: every byte they send is chosen here.
"""

import json
import sys
import threading

_output = threading.Lock()

VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")


def send_text(text):
    """Writes one line exactly as given."""
    with _output:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def send(message):
    send_text(json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":")))


def reply(request, result):
    send({"id": request["id"], "result": result})


def refuse(request, code, text, data=None):
    error = {"code": code, "message": text}
    if data is not None:
        error["data"] = data
    send({"id": request["id"], "error": error})


def notify(method, params=None):
    send({"method": method} if params is None else {"method": method, "params": params})


def messages():
    """The client's messages, until it closes standard input."""
    for line in sys.stdin:
        if line.strip():
            yield json.loads(line)


def initialize_result(request, name, capabilities):
    wanted = request.get("params", {}).get("protocolVersion")
    return {
        "protocolVersion": wanted if wanted in VERSIONS else VERSIONS[-1],
        "capabilities": capabilities,
        "serverInfo": {"name": name, "version": "1.0.0"},
    }


def text_result(text, **more):
    return {"content": [{"type": "text", "text": text}], **more}
