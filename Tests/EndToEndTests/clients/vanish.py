"""Clients that open a session, start a call and vanish without a word.

usage: vanish.py URL COUNT      The bearer token is in MCP_GATEWAY_AUTH_TOKEN.
"""

import concurrent.futures
import http.client
import json
import os
import random
import sys
import time
import urllib.parse

TOKEN = os.environ["MCP_GATEWAY_AUTH_TOKEN"]


def headers(session=None):
    fields = {
        "Authorization": "Bearer " + TOKEN,
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
    }
    if session:
        fields["Mcp-Session-Id"] = session
    return fields


def post(address, message, session=None):
    """Sends a message on a connection of its own; the connection is for the caller to drop."""
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    body = json.dumps({"jsonrpc": "2.0", **message})
    connection.request("POST", address.path, body, headers(session))
    return connection


def answered(connection):
    response = connection.getresponse()
    response.read()
    connection.close()
    if response.status not in (200, 202):
        raise RuntimeError(f"status {response.status}")
    return response


def vanish(address):
    params = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "vanish", "version": "1"},
    }
    hello = post(address, {"id": 1, "method": "initialize", "params": params})
    session = answered(hello).headers["Mcp-Session-Id"]
    answered(post(address, {"method": "notifications/initialized"}, session))
    call = {"name": "slow", "arguments": {"seconds": 120}}
    connection = post(address, {"id": 2, "method": "tools/call", "params": call}, session)
    time.sleep(random.uniform(0, 0.5))
    connection.sock.close()
    # Neither DELETE nor a cancellation: the client is gone.


def main():
    address, count = urllib.parse.urlsplit(sys.argv[1]), int(sys.argv[2])
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        for done in [pool.submit(vanish, address) for _ in range(count)]:
            done.result()
    print(f"{count} vanished")


if __name__ == "__main__":
    main()
