"""Drives the public MCP client through a session and prints what happened as JSON.

Reads from standard input {"transport": "stdio|streaming|sse", "target": ..., "steps": [...]}.
The target is {"command": [...], "env": {...}} or {"url": ..., "token": ...}. Works with both
majors of the client (1.x and 2.x).
"""

import contextlib
import json
import sys

import anyio
import mcp
from mcp import ClientSession, StdioServerParameters
from mcp.client.sse import sse_client
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

if hasattr(mcp, "MCPError"):
    from mcp import MCPError as ProtocolError
else:
    from mcp import McpError as ProtocolError


def plain(model):
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


@contextlib.asynccontextmanager
async def streams(transport, target):
    if transport == "stdio":
        words = target["command"]
        server = StdioServerParameters(command=words[0], args=words[1:], env=target.get("env"))
        async with stdio_client(server) as pair:
            yield pair
        return
    headers = {"Authorization": "Bearer " + target["token"]} if "token" in target else {}
    if transport == "sse":
        async with sse_client(target["url"], headers=headers) as pair:
            yield pair
        return
    async with create_mcp_http_client(headers=headers) as http:
        async with streamable_http_client(target["url"], http_client=http) as parts:
            yield parts[0], parts[1]


class Driver:
    def __init__(self):
        self.notifications = []
        self.progress = []
        self.logs = []

    async def on_message(self, message):
        if isinstance(message, Exception):
            self.notifications.append({"exception": repr(message)})
        else:
            inner = getattr(message, "root", message)
            if hasattr(inner, "method"):
                self.notifications.append(plain(inner))

    async def on_log(self, params):
        self.logs.append(plain(params))

    async def on_progress(self, progress, total, message):
        self.progress.append([progress, total])

    async def on_elicitation(self, context, params):
        import mcp.types as types

        return types.ElicitResult(action="accept", content={"colour": "blue"})

    async def all_pages(self, method, key):
        items, cursor = [], None
        while True:
            page = plain(await self.listed(method, cursor))
            items += page[key]
            cursor = page.get("nextCursor")
            if not cursor:
                return items

    async def listed(self, method, cursor):
        if cursor is None:
            return await method()
        import mcp.types as types

        return await method(params=types.PaginatedRequestParams(cursor=cursor))

    async def step(self, session, step):
        match step["do"]:
            case "tools":
                return await self.all_pages(session.list_tools, "tools")
            case "offered":
                return await self.offered(session, set(step["tools"]))
            case "prompts":
                return await self.all_pages(session.list_prompts, "prompts")
            case "resources":
                return await self.all_pages(session.list_resources, "resources")
            case "templates":
                return await self.all_pages(session.list_resource_templates, "resourceTemplates")
            case "call":
                arguments = step.get("arguments", {})
                return plain(
                    await session.call_tool(
                        step["tool"], arguments, progress_callback=self.on_progress
                    )
                )
            case "abandon":
                return await self.abandon(session, step)
            case "prompt":
                return plain(await session.get_prompt(step["name"], step.get("arguments")))
            case "read":
                return plain(await session.read_resource(step["uri"]))
            case "complete":
                return await self.complete(session, step)
            case "subscribe":
                return plain(await session.subscribe_resource(step["uri"]))
            case "level":
                return plain(await session.set_logging_level(step["level"]))
            case "ping":
                return plain(await session.send_ping())
            case "sleep":
                await anyio.sleep(step["seconds"])
                return {}
            case "wait":
                return await self.wait(step["method"])
        raise ValueError(f"unknown step {step}")

    async def offered(self, session, wanted):
        """All tools, once these are among them: servers start after the session."""
        with anyio.fail_after(60):
            while True:
                tools = await self.all_pages(session.list_tools, "tools")
                if wanted <= {tool["name"] for tool in tools}:
                    return tools
                await anyio.sleep(0.05)

    async def complete(self, session, step):
        import mcp.types as types

        prompt = types.PromptReference(type="ref/prompt", name=step["prompt"])
        argument = {"name": step["argument"], "value": step["value"]}
        return plain(await session.complete(prompt, argument))

    async def abandon(self, session, step):
        """Cancels a call after a while, as a client does whose user pressed Escape."""
        import mcp.types as types

        # Version 1.x drops the wait but does not tell the server; its users send this themselves.
        identity = getattr(session, "_request_id", None)
        with anyio.move_on_after(step["after"]) as scope:
            await session.call_tool(step["tool"], step.get("arguments", {}))
        if identity is not None and scope.cancelled_caught:
            params = types.CancelledNotificationParams(requestId=identity, reason="abandoned")
            note = types.CancelledNotification(method="notifications/cancelled", params=params)
            await session.send_notification(types.ClientNotification(note))
        return {"cancelled": scope.cancelled_caught}

    async def wait(self, method):
        with anyio.fail_after(20):
            while True:
                for note in self.notifications:
                    if note.get("method") == method:
                        return note
                await anyio.sleep(0.02)

    async def outcome(self, session, step):
        try:
            return {"result": await self.step(session, step)}
        except ProtocolError as error:
            detail = error.error
            return {"error": {"code": detail.code, "message": detail.message}}

    async def run(self, request):
        async with streams(request["transport"], request["target"]) as (reader, writer):
            session = ClientSession(
                reader,
                writer,
                message_handler=self.on_message,
                logging_callback=self.on_log,
                elicitation_callback=self.on_elicitation,
            )
            async with session:
                hello = plain(await session.initialize())
                outcomes = [await self.outcome(session, step) for step in request["steps"]]
        return {
            "initialize": hello,
            "outcomes": outcomes,
            "notifications": self.notifications,
            "progress": self.progress,
            "logs": self.logs,
        }


if __name__ == "__main__":
    print(json.dumps(anyio.run(Driver().run, json.load(sys.stdin))))
