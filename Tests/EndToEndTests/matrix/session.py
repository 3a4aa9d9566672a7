"""Goes through one session with a server and prints a transcript of it as JSON.

Reads from standard input {"client": "mcp-1|...", "transport": "stdio|streaming|sse", "target": ...}.
The target is {"command": [...], "env": {...}} or {"url": ..., "token": ...}.
"""

import json
import sys
import traceback

import anyio
import anyio.lowlevel

import kinds

WATCHED = "test://text/1"
PROMPT, TEMPLATE = (
    {"type": "ref/prompt", "name": "greet"},
    {"type": "ref/resource", "uri": "test://item/{id}"},
)
BIG = {
    "n": 2**53 + 1,
    "m": 2**64 - 1,
    "e": 1e-7,
    "z": -0.0,
    "s": "\U0001f600\u2028",
    "deep": [[{"a": None}]],
}
META = {"example.com/trace": {"id": 2**53 + 1, "list": [None, "\u2028"]}}


def calls():
    """Name and body of each step. The order matters: what one leaves behind the next may see."""
    yield "echo", lambda c: c.call("echo", {"text": "hello"})
    yield "echo unicode", lambda c: c.call("echo", {"text": "häh \U0001f600 \u2028 e\u0301"})
    yield "echo empty", lambda c: c.call("echo", {"text": ""})
    yield "echo wrongly", lambda c: c.call("echo", {"text": 5})
    yield "arguments", lambda c: c.call("arguments", BIG)
    yield "arguments none", lambda c: c.call("arguments", {})
    yield "metadata", lambda c: c.call("arguments", {"a": 1}, dict(META))
    yield "content", lambda c: c.call("content", {})
    yield "weather", lambda c: c.call("weather", {"city": "Tromsø"})
    yield "weather wrongly", lambda c: c.call("weather", {})
    yield "loose", lambda c: c.call("loose", {})
    yield "numbers", lambda c: c.call("numbers", {})
    yield "strings", lambda c: c.call("strings", {})
    yield "nul out", lambda c: c.call("nul", {})
    yield "nothing", lambda c: c.call("nothing", {})
    yield "name", lambda c: c.call("a.b/c_D-1", {})
    yield "header", lambda c: c.call("header", {"region": "eu-\u00e6 \U0001f600", "count": 3})
    yield "header none", lambda c: c.call("header", {"region": "", "count": 2**53 + 1})
    yield "count", lambda c: c.call("count", {"steps": 4})
    yield "count aloud", lambda c: c.call("count", {"steps": 3, "messages": True})
    yield "fraction", lambda c: c.call("fraction", {})
    yield "speak of all", lambda c: c.call_at_level("speak", "debug")
    yield "speak of some", lambda c: c.call_at_level("speak", "error")
    yield "sample", lambda c: c.call("sample", {"topic": "rain"})
    yield "sample refused", lambda c: c.call("sample", {"topic": "refuse"})
    yield "form", lambda c: c.call("form", {})
    yield "visit", lambda c: c.call("visit", {})
    yield "roots", lambda c: c.call("roots", {})
    yield "interview", lambda c: c.call("interview", {})
    yield "fail", lambda c: c.call("fail", {})
    yield "break", lambda c: c.call("break", {})
    yield "break internally", lambda c: c.call("break", {"code": -32603})
    yield "break freely", lambda c: c.call("break", {"code": 7})
    yield "unknown tool", lambda c: c.call("no_such_tool", {})
    yield "abandon", lambda c: c.abandon("slow", {"label": "abandoned"})
    yield "fate", fate
    yield "in parallel", in_parallel
    yield "resources", lambda c: c.everything("resources")
    yield "templates", lambda c: c.everything("resourceTemplates")
    yield "read text", lambda c: c.read("test://text/3")
    yield "read bytes", lambda c: c.read("test://bytes")
    yield "read several", lambda c: c.read("test://several")
    yield "read large", lambda c: c.read("test://large")
    yield "read item", lambda c: c.read("test://item/%F0%9F%98%80")
    yield "read pair", lambda c: c.read("test://pair/a/b")
    yield "read deep", lambda c: c.read("test://deep/a/b/c")
    yield "read file", lambda c: c.read("file:///srv/r%C3%A9sum%C3%A9%20%F0%9F%98%80.txt")
    yield "read link", lambda c: c.read("test://linked/1")
    yield "read missing", lambda c: c.read("test://item/missing")
    yield "prompts", lambda c: c.everything("prompts")
    yield (
        "prompt",
        lambda c: c.prompt("greet", {"language": "Fran\u00e7ais \U0001f600", "tone": "dryly"}),
    )
    yield "prompt default", lambda c: c.prompt("greet", {"language": "Norsk"})
    yield "prompt wrongly", lambda c: c.prompt("greet", {})
    yield "prompt content", lambda c: c.prompt("show", {})
    yield "prompt empty", lambda c: c.prompt("empty", {})
    yield "prompt unknown", lambda c: c.prompt("no_such_prompt", {})
    yield "complete", lambda c: c.complete(PROMPT, {"name": "language", "value": "E"}, None)
    yield (
        "complete more",
        lambda c: c.complete(PROMPT, {"name": "tone", "value": ""}, {"language": "any"}),
    )
    yield (
        "complete context",
        lambda c: c.complete(PROMPT, {"name": "tone", "value": "N"}, {"language": "Norsk"}),
    )
    yield "complete template", lambda c: c.complete(TEMPLATE, {"name": "id", "value": "t"}, None)
    yield "complete nothing", lambda c: c.complete(PROMPT, {"name": "other", "value": ""}, None)
    yield "changes", changes
    yield "tools after", lambda c: c.everything("tools")
    yield "call added", lambda c: c.call("grown", {})
    yield "large", lambda c: c.call("large", {"bytes": 1_000_000})
    yield "ping", lambda c: c.ping()
    yield "echo at last", lambda c: c.call("echo", {"text": "still here"})


async def fate(client):
    with anyio.move_on_after(10):
        while True:
            result = await client.call("fate", {"label": "abandoned"})
            if result["content"][0]["text"] != "running":
                return result
            await anyio.sleep(0.05)
    return result


async def in_parallel(client):
    results = {}

    async def one(number):
        results[number] = await client.call("echo", {"text": f"number {number}"})

    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(one, number)
    return [results[number] for number in range(20)]


async def changes(client):
    """Both changes arrive while they are watched, and none of the resource afterwards."""
    async with client.watching(WATCHED):
        await client.call("touch", {"uri": WATCHED})
        await client.call("touch", {"uri": "test://text/2"})
        await client.call("grow", {})
        with anyio.move_on_after(10):
            while len({method for method, _ in client.changes}) < 2:
                await anyio.sleep(0.02)
    watched = sorted({json.dumps(change) for change in client.changes})
    client.changes.clear()
    await client.call("touch", {"uri": WATCHED})
    await anyio.sleep(0.2)
    unwatched = [change for change in client.changes if change[0].endswith("updated")]
    return {"watched": [json.loads(change) for change in watched], "unwatched": unwatched}


async def ready(client):
    """The tools, once the server's are among them: behind a gateway servers start after the session."""
    with anyio.fail_after(60):
        while True:
            tools = await client.everything("tools")
            if len(tools) > 20:
                return tools
            await anyio.sleep(0.05)


class Step:
    def __init__(self, client, name):
        self.client, self.entry = client, {"step": name}

    async def run(self, body):
        client = self.client
        for events in (client.progress, client.logs, client.asked, client.changes):
            events.clear()
        try:
            with anyio.fail_after(30):
                self.entry["result"] = await body(client)
        except client.fails as failure:
            error = failure.error
            self.entry["error"] = {"code": error.code, "message": error.message, "data": error.data}
        except Exception as failure:  # noqa: BLE001
            # What one client cannot stand is a row of the table, not the end of it.
            self.entry["failure"] = "".join(traceback.format_exception_only(failure)).strip()
            inner = getattr(failure, "exceptions", ())
            self.entry["failure"] += "".join(f" / {type(one).__name__}: {one}" for one in inner)
        await anyio.lowlevel.checkpoint()
        for kind in ("progress", "logs", "asked"):
            if events := list(getattr(client, kind)):
                self.entry[kind] = events
        return self.entry


async def whole(request):
    client = kinds.KINDS[request["client"]]()
    transcript = {"client": request["client"], "transport": request["transport"], "steps": []}
    async with client.connected(request["transport"], request["target"]) as hello:
        transcript["hello"] = hello
        steps = [("tools", ready), *calls()]
        for name, body in steps:
            if "only" in request and name not in request["only"]:
                continue
            transcript["steps"].append(await Step(client, name).run(body))
    return transcript


if __name__ == "__main__":
    print(json.dumps(anyio.run(whole, json.load(sys.stdin)), ensure_ascii=True))
