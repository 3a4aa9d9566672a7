"""Uses the gateway the way an agent does, with the public MCP client, and shows what happens.

usage: demo.py URL      The bearer token is in MCP_GATEWAY_AUTH_TOKEN.
"""

import os
import sys

import anyio
from mcp import ClientSession, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

CALLS = (
    ("get_current_time", {"timezone": "Europe/Oslo"}),
    (
        "convert_time",
        {"source_timezone": "UTC", "time": "12:00", "target_timezone": "Asia/Tokyo"},
    ),
    ("git_log", {"repo_path": "/srv/sample"}),
    ("say", {"text": "said by a container of its own"}),
)
# Servers start in parallel and their tools appear as they arrive.
WANTED = {name for name, _ in CALLS}


async def all_tools(session):
    with anyio.fail_after(60):
        while True:
            tools = (await session.list_tools()).tools
            if WANTED <= {tool.name for tool in tools}:
                return tools
            await anyio.sleep(0.2)


async def show_call(session, name, arguments):
    print(f"\n> {name} {arguments}")
    result = await session.call_tool(name, arguments)
    for item in result.content:
        print("  " + item.text.strip().replace("\n", "\n  "))
    if result.is_error:
        raise SystemExit(f"{name} failed")


async def show_refusal(session):
    print("\n> no_such_tool {}")
    try:
        result = await session.call_tool("no_such_tool", {})
    except MCPError as error:
        print(f"  refused: {error.error.message}")
    else:
        if not result.is_error:
            raise SystemExit("a tool that does not exist was called")
        print(f"  refused: {result.content[0].text}")


async def use(url):
    headers = {"Authorization": "Bearer " + os.environ["MCP_GATEWAY_AUTH_TOKEN"]}
    async with (
        create_mcp_http_client(headers=headers) as http,
        streamable_http_client(url, http_client=http) as streams,
        ClientSession(*streams) as session,
    ):
        hello = await session.initialize()
        print(f"Connected to {hello.server_info.name} {hello.server_info.version} at {url}")
        tools = await all_tools(session)
        print(f"{len(tools)} tools:")
        for tool in sorted(tools, key=lambda tool: tool.name):
            print(f"  {tool.name}: {(tool.description or '').splitlines()[0]}")
        for name, arguments in CALLS:
            await show_call(session, name, arguments)
        await show_refusal(session)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    anyio.run(use, sys.argv[1])
