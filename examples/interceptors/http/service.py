#!/usr/bin/env python3
"""A hook for calls as an HTTP service, with nothing but Python's standard library.

usage: service.py [--port N] [--key-file FILE]

  POST /before   denies calls whose arguments leave their folder by ".."
  POST /after    cuts long texts of results

With a key (a file, or the variable HOOK_KEY), only requests that the gateway signed are answered:
without that, whoever reaches the port could learn what the hook thinks of a call.
"""

import argparse
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import time

LONGEST_TEXT = 2000
LARGEST_BODY = 16 << 20
OLDEST_REQUEST = 300


def strings(value):
    """All strings of a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, member in value.items():
            yield key
            yield from strings(member)
    elif isinstance(value, list):
        for element in value:
            yield from strings(element)


def before(call):
    arguments = call["params"].get("arguments", {})
    if any(".." in text.replace("\\", "/").split("/") for text in strings(arguments)):
        return {"decision": "deny", "reason": 'a path must not hold ".."'}
    return None


def after(result):
    content = [dict(block) for block in result.get("content", [])]
    for block in content:
        if block.get("type") == "text" and len(block["text"]) > LONGEST_TEXT:
            block["text"] = block["text"][:LONGEST_TEXT] + " … (cut)"
    if content == result.get("content", []):
        return None
    return {**result, "content": content}


HOOKS = {"/before": before, "/after": after}


def is_genuine(key, header, body):
    """Whether the gateway signed this, and not long ago."""
    try:
        fields = dict(part.split("=", 1) for part in header.split(","))
        seconds, signature = int(fields["t"]), fields["v1"]
    except (KeyError, ValueError):
        return False
    expected = hmac.new(key, f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, signature) and abs(time.time() - seconds) < OLDEST_REQUEST


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps connections
    timeout = 60
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one packet

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        if not 0 < length <= LARGEST_BODY:
            self.close_connection = True
            return self.answer(413)
        body = self.rfile.read(length)
        signature = self.headers.get("X-MCP-Gateway-Signature", "")
        if self.server.key and not is_genuine(self.server.key, signature, body):
            return self.answer(401)
        hook = HOOKS.get(self.path)
        if hook is None:
            return self.answer(404)
        try:
            answer = hook(json.loads(body))
        except (ValueError, KeyError, TypeError, AttributeError):
            return self.answer(400)
        self.answer(200, b"" if answer is None else json.dumps(answer).encode())

    def answer(self, status, body=b""):
        self.send_response(status)
        if body:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass  # the gateway records every call


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=9500, help="0: any (default: 9500)")
    parser.add_argument("--key-file", type=pathlib.Path)
    options = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    server.daemon_threads = True
    if options.key_file:
        server.key = options.key_file.read_bytes().rstrip(b"\r\n")
    else:
        server.key = os.environ.get("HOOK_KEY", "").encode()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
