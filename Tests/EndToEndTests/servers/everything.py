"""A well-behaved MCP server that offers a little of everything the protocol has.

usage: everything.py [--name NAME] [--page SIZE] [--plain COUNT] [--slow-start SECONDS]
  --plain COUNT   offer only the tools tool1, tool2, ... which say their name and the server's
"""

import argparse
import base64
import os
import sys
import threading
import time
import uuid

import wire

TEXT = {"type": "string"}
NUMBER = {"type": "number"}
INTEGER = {"type": "integer"}


def schema(required=(), **properties):
    return {"type": "object", "properties": properties, "required": list(required)}


# What is seen of a container from the inside; the tests compare it with what was promised.
STATUS_FIELDS = ("CapEff", "CapBnd", "NoNewPrivs", "Seccomp")


def confinement():
    with open("/proc/self/status") as file:
        fields = dict(line.split(":", 1) for line in file)
    with open("/proc/net/dev") as file:
        interfaces = [line.split(":")[0].strip() for line in file if ":" in line]
    try:
        with open("/written", "w"):
            root_is_writable = True
    except OSError:
        root_is_writable = False
    return {
        "uid": os.getuid(),
        "interfaces": sorted(interfaces),
        "rootIsWritable": root_is_writable,
        "mounts": sorted(line.split()[4] for line in open("/proc/self/mountinfo")),
        **{name: fields[name].strip() for name in STATUS_FIELDS if name in fields},
    }


class Server:
    def __init__(self, options):
        self.options = options
        self.instance = uuid.uuid4().hex
        self.calls = 0
        self.cancelled = {}
        self.waiting = {}
        self.log_level = None
        self.grown = 0

    # Tools: name -> (description, input schema, method)

    def tools(self):
        if self.options.plain:
            return {
                f"tool{n}": (f"Tool number {n}.", schema(), self.plain)
                for n in range(1, self.options.plain + 1)
            }
        offered = {
            "echo": ("Gives back the text.", schema(["text"], text=TEXT), self.echo),
            "add": ("Adds two numbers.", schema(["a", "b"], a=NUMBER, b=NUMBER), self.add),
            "slow": (
                "Takes its time and reports progress.",
                schema(["seconds"], seconds=NUMBER, steps=INTEGER),
                self.slow,
            ),
            "log": (
                "Sends a log message.",
                schema(["level", "text"], level=TEXT, text=TEXT),
                self.log,
            ),
            "fail": ("Answers with a tool error.", schema(), self.fail),
            "protocol_error": ("Answers with a JSON-RPC error.", schema(), self.protocol_error),
            "big": ("Gives a text of that many bytes.", schema(["bytes"], bytes=INTEGER), self.big),
            "structured": (
                "Gives structured content.",
                schema(["city"], city=TEXT),
                self.structured,
            ),
            "image": ("Gives an image.", schema(), self.image),
            "link": ("Gives a link to a resource.", schema(), self.link),
            "grow": ("Adds a tool and says so.", schema(), self.grow),
            "crash": ("Ends the server.", schema(), self.crash),
            "environment": ("Names of the environment's variables.", schema(), self.environment),
            "complain": ("Writes to standard error.", schema(["text"], text=TEXT), self.complain),
            "instance": ("Tells servers and calls apart.", schema(), self.tell_instance),
            "confinement": ("What the server may do.", schema(), self.tell_confinement),
            "read_file": ("Reads a file.", schema(["path"], path=TEXT), self.read_file),
            "ask": ("Asks the user (elicitation).", schema(), self.ask),
            "sample": ("Asks the model (sampling).", schema(), self.sample),
        }
        for number in range(1, self.grown + 1):
            offered[f"grown{number}"] = (f"Grown {number}.", schema(), self.plain)
        return offered

    def plain(self, request, arguments):
        wire.reply(request, wire.text_result(f"{self.options.name} {request['params']['name']}"))

    def echo(self, request, arguments):
        wire.reply(request, wire.text_result(arguments["text"]))

    def add(self, request, arguments):
        wire.reply(request, wire.text_result(str(arguments["a"] + arguments["b"])))

    def slow(self, request, arguments):
        steps = arguments.get("steps", 10)
        token = request["params"].get("_meta", {}).get("progressToken")
        for step in range(steps):
            if self.cancelled[request["id"]].wait(arguments["seconds"] / steps):
                print("slow: cancelled", file=sys.stderr, flush=True)
                return
            if token is not None:
                progress = {"progressToken": token, "progress": step + 1, "total": steps}
                wire.notify("notifications/progress", progress)
        wire.reply(request, wire.text_result(f"took {steps} steps"))

    def log(self, request, arguments):
        message = {"level": arguments["level"], "logger": "everything", "data": arguments["text"]}
        wire.notify("notifications/message", message)
        wire.reply(request, wire.text_result(f"level is {self.log_level}"))

    def fail(self, request, arguments):
        wire.reply(request, wire.text_result("this tool always fails", isError=True))

    def protocol_error(self, request, arguments):
        wire.refuse(request, -32050, "a protocol error on purpose", {"reason": "asked"})

    def big(self, request, arguments):
        wire.reply(request, wire.text_result("x" * arguments["bytes"]))

    def structured(self, request, arguments):
        data = {"city": arguments["city"], "temperature": 21.5, "exact": 12345678901234567890}
        wire.reply(request, wire.text_result("21.5 degrees", structuredContent=data))

    def image(self, request, arguments):
        data = base64.b64encode(b"\x89PNG\r\n\x1a\n not really").decode()
        content = [{"type": "image", "data": data, "mimeType": "image/png"}]
        wire.reply(request, {"content": content})

    def link(self, request, arguments):
        content = [{"type": "resource_link", "uri": "test://note/1", "name": "note 1"}]
        wire.reply(request, {"content": content})

    def grow(self, request, arguments):
        self.grown += 1
        wire.notify("notifications/tools/list_changed")
        wire.reply(request, wire.text_result(f"grown{self.grown}"))

    def crash(self, request, arguments):
        print("everything: crashing on purpose", file=sys.stderr, flush=True)
        os._exit(70)

    def environment(self, request, arguments):
        wire.reply(request, wire.text_result("\n".join(sorted(os.environ))))

    def complain(self, request, arguments):
        print(arguments["text"], file=sys.stderr, flush=True)
        wire.reply(request, wire.text_result("complained"))

    def tell_instance(self, request, arguments):
        self.calls += 1
        data = {"instance": self.instance, "call": self.calls, "server": self.options.name}
        wire.reply(request, wire.text_result(self.instance, structuredContent=data))

    def tell_confinement(self, request, arguments):
        wire.reply(request, wire.text_result("", structuredContent=confinement()))

    def read_file(self, request, arguments):
        try:
            with open(arguments["path"], encoding="utf-8", errors="replace") as file:
                wire.reply(request, wire.text_result(file.read()))
        except OSError as error:
            wire.reply(request, wire.text_result(error.strerror, isError=True))

    def ask(self, request, arguments):
        wanted = {"message": "Which colour?", "requestedSchema": schema(["colour"], colour=TEXT)}
        answer = self.request_of_client("elicitation/create", wanted)
        wire.reply(request, wire.text_result("answered", structuredContent=answer))

    def sample(self, request, arguments):
        content = {"type": "text", "text": "Say hello."}
        wanted = {"messages": [{"role": "user", "content": content}], "maxTokens": 10}
        answer = self.request_of_client("sampling/createMessage", wanted)
        wire.reply(request, wire.text_result("answered", structuredContent=answer))

    def request_of_client(self, method, params):
        identity = f"server-{uuid.uuid4().hex[:8]}"
        arrived, box = threading.Event(), {}
        self.waiting[identity] = (arrived, box)
        wire.send({"id": identity, "method": method, "params": params})
        arrived.wait(20)
        return box.get("answer", {"error": "the client did not answer"})

    # Lists

    def page(self, request, key, items):
        start = int(request.get("params", {}).get("cursor", "0"))
        end = start + self.options.page
        result = {key: items[start:end]}
        if end < len(items):
            result["nextCursor"] = str(end)
        wire.reply(request, result)

    def list_tools(self, request):
        items = [
            {"name": name, "description": description, "inputSchema": inputs}
            for name, (description, inputs, _) in self.tools().items()
        ]
        self.page(request, "tools", items)

    def list_prompts(self, request):
        arguments = [
            {"name": "language", "description": "In which one", "required": True},
            {"name": "tone", "description": "How", "required": False},
        ]
        items = [{"name": "greet", "description": "Greets.", "arguments": arguments}]
        items += [{"name": f"prompt{n}", "description": f"Prompt {n}."} for n in range(1, 8)]
        self.page(request, "prompts", items)

    def list_resources(self, request):
        items = [
            {"uri": f"test://note/{n}", "name": f"note {n}", "mimeType": "text/plain"}
            for n in range(1, 13)
        ]
        self.page(request, "resources", items)

    def list_templates(self, request):
        template = {"uriTemplate": "test://note/{number}", "name": "note"}
        self.page(request, "resourceTemplates", [template])

    # Everything else

    def initialize(self, request):
        time.sleep(self.options.slow_start)
        capabilities = {
            "tools": {"listChanged": True},
            "prompts": {"listChanged": True},
            "resources": {"listChanged": True, "subscribe": True},
            "completions": {},
            "logging": {},
        }
        if self.options.plain:
            capabilities = {"tools": {}}
        wire.reply(request, wire.initialize_result(request, self.options.name, capabilities))

    def call_tool(self, request):
        params = request["params"]
        tool = self.tools().get(params["name"])
        if tool is None:
            wire.refuse(request, -32602, f"Unknown tool: {params['name']}")
            return
        self.cancelled[request["id"]] = threading.Event()
        try:
            tool[2](request, params.get("arguments") or {})
        except (KeyError, TypeError) as error:
            wire.refuse(request, -32602, f"Bad arguments: {error!r}")
        finally:
            self.cancelled.pop(request["id"], None)

    def get_prompt(self, request):
        params = request["params"]
        language = params.get("arguments", {}).get("language")
        if params["name"] == "greet" and language is None:
            wire.refuse(request, -32602, "the argument language is required")
            return
        text = f"Greet in {language}." if params["name"] == "greet" else params["name"]
        message = {"role": "user", "content": {"type": "text", "text": text}}
        wire.reply(request, {"description": params["name"], "messages": [message]})

    def read_resource(self, request):
        uri = request["params"]["uri"]
        if not uri.startswith("test://note/"):
            wire.refuse(request, -32002, "Resource not found", {"uri": uri})
            return
        text = f"Text of {uri.removeprefix('test://')}."
        wire.reply(request, {"contents": [{"uri": uri, "mimeType": "text/plain", "text": text}]})

    def complete(self, request):
        begun = request["params"]["argument"]["value"]
        languages = [word for word in ("English", "Esperanto", "French") if word.startswith(begun)]
        wire.reply(request, {"completion": {"values": languages, "total": len(languages)}})

    def set_level(self, request):
        self.log_level = request["params"]["level"]
        wire.reply(request, {})

    def subscribe(self, request):
        wire.reply(request, {})
        wire.notify("notifications/resources/updated", {"uri": request["params"]["uri"]})

    METHODS = {
        "initialize": initialize,
        "ping": lambda self, request: wire.reply(request, {}),
        "tools/list": list_tools,
        "tools/call": call_tool,
        "prompts/list": list_prompts,
        "prompts/get": get_prompt,
        "resources/list": list_resources,
        "resources/read": read_resource,
        "resources/templates/list": list_templates,
        "resources/subscribe": subscribe,
        "resources/unsubscribe": lambda self, request: wire.reply(request, {}),
        "completion/complete": complete,
        "logging/setLevel": set_level,
    }

    def receive(self, message):
        if "method" not in message:
            arrived, box = self.waiting.pop(message["id"], (threading.Event(), {}))
            box["answer"] = message.get("result", {"error": message.get("error")})
            arrived.set()
        elif "id" not in message:
            if message["method"] == "notifications/cancelled":
                running = self.cancelled.get(message["params"]["requestId"])
                if running:
                    running.set()
        elif message["method"] not in self.METHODS:
            wire.refuse(message, -32601, f"Method not found: {message['method']}")
        elif message["method"] == "tools/call":
            # A slow tool must not keep the server from hearing that it is cancelled.
            threading.Thread(target=self.call_tool, args=[message], daemon=True).start()
        else:
            self.METHODS[message["method"]](self, message)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", default="everything")
    parser.add_argument("--page", type=int, default=5)
    parser.add_argument("--plain", type=int, default=0)
    parser.add_argument("--slow-start", type=float, default=0)
    server = Server(parser.parse_args())
    for message in wire.messages():
        server.receive(message)


if __name__ == "__main__":
    main()
