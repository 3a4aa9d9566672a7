"""Clients that open a session, start calls and vanish without a word.

usage: vanish.py URL CLIENTS CALLS      CALLS: of each client
The bearer token is in MCP_GATEWAY_AUTH_TOKEN.
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


def vanish(address, calls):
    params = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "vanish", "version": "1"},
    }
    hello = post(address, {"id": 1, "method": "initialize", "params": params})
    session = answered(hello).headers["Mcp-Session-Id"]
    answered(post(address, {"method": "notifications/initialized"}, session))
    call = {"name": "slow", "arguments": {"seconds": 5}}
    for identity in range(2, 2 + calls):
        message = {"id": identity, "method": "tools/call", "params": call}
        connection = post(address, message, session)
        time.sleep(random.uniform(0, 0.5))
        connection.sock.close()
    # Neither DELETE nor a cancellation: the client is gone.


def main():
    address = urllib.parse.urlsplit(sys.argv[1])
    clients, calls = int(sys.argv[2]), int(sys.argv[3])
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        for done in [pool.submit(vanish, address, calls) for _ in range(clients)]:
            done.result()
    print(f"{clients * calls} vanished")


if __name__ == "__main__":
    main()
