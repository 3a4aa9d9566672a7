"""What the server does. Knows JSON and a `Peer`, and neither a transport nor an SDK."""

import abc
import json

import anyio

import offered

PARAMETERS, NOT_FOUND = -32602, -32002


class ProtocolFailure(Exception):
    """An error that the protocol carries, not a tool."""

    def __init__(self, code, message, data=None):
        super().__init__(message)
        self.code, self.message, self.data = code, message, data


class Peer(abc.ABC):
    """The client, during one request."""

    modern: bool
    meta: dict

    @abc.abstractmethod
    async def progress(self, progress, total=None, message=None): ...

    @abc.abstractmethod
    async def log(self, level, data, logger): ...

    @abc.abstractmethod
    async def ask(self, key, method, params):
        """The answer of the client, or of its user or model. May end the request and be asked again."""

    @abc.abstractmethod
    async def tools_changed(self): ...

    @abc.abstractmethod
    async def resource_updated(self, uri): ...


def text(value, **more):
    return {"type": "text", "text": value, **more}


def said(value):
    return {"content": [text(value)]}


def as_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Everything:
    def __init__(self):
        self.fates = {}
        self.grown = False

    # Lists

    def page(self, kind, cursor):
        items = {
            "tools": offered.TOOLS + ([offered.GROWN] if self.grown else []),
            "resources": offered.RESOURCES,
            "resourceTemplates": offered.TEMPLATES,
            "prompts": offered.PROMPTS,
        }[kind]
        size = offered.PAGES[kind]
        # The first cursor is the empty string, which is one like any other.
        starts = {
            "" if start == size else f"from {start}": start
            for start in range(size, len(items), size)
        }
        if cursor is not None and cursor not in starts:
            raise ProtocolFailure(PARAMETERS, f"there is no page {cursor!r}")
        begin = 0 if cursor is None else starts[cursor]
        result = {kind: items[begin : begin + size]}
        if begin + size < len(items):
            result["nextCursor"] = next(
                name for name, start in starts.items() if start == begin + size
            )
        return result

    # Tools

    async def call(self, peer, name, arguments):
        if name == "a.b/c_D-1":
            return said("has a name of every kind of character")
        if name not in {tool["name"] for tool in offered.TOOLS} and not (
            name == "grown" and self.grown
        ):
            raise ProtocolFailure(PARAMETERS, f"Unknown tool: {name}")
        return await getattr(self, "call_" + name)(peer, arguments)

    async def call_echo(self, peer, arguments):
        if not isinstance(arguments.get("text"), str):
            return {"content": [text("text: a string is needed")], "isError": True}
        return said(arguments["text"])

    async def call_arguments(self, peer, arguments):
        return {
            "content": [text(as_json(arguments))],
            "structuredContent": {"arguments": arguments, "meta": peer.meta},
        }

    async def call_content(self, peer, arguments):
        contents = {
            "uri": "test://embedded",
            "mimeType": "text/markdown",
            "text": "# Embedded",
            "_meta": offered.META,
        }
        link = {
            "uri": "test://linked/1",
            "name": "linked",
            "title": "A link",
            "description": "Read me.",
            "size": 12,
        }
        return {
            "content": [
                text("a text", annotations=offered.ANNOTATIONS, _meta=offered.META),
                {
                    "type": "image",
                    "data": offered.PICTURE,
                    "mimeType": "image/png",
                    "annotations": {"audience": ["user"]},
                },
                {"type": "audio", "data": offered.SOUND, "mimeType": "audio/wav"},
                {"type": "resource", "resource": contents, "annotations": offered.ANNOTATIONS},
                {"type": "resource", "resource": {"uri": "test://bytes", "blob": offered.BYTES}},
                {"type": "resource_link", "mimeType": "text/plain", "icons": offered.ICONS, **link},
            ],
            "_meta": offered.META,
        }

    async def call_weather(self, peer, arguments):
        if not isinstance(arguments.get("city"), str):
            return {"content": [text("city: a string is needed")], "isError": True}
        weather = {
            "city": arguments["city"],
            "degrees": -3.5,
            "wind": None,
            "more": [1, {"deep": []}],
        }
        return {"content": [text(as_json(weather))], "structuredContent": weather}

    async def call_loose(self, peer, arguments):
        return {
            "content": [],
            "structuredContent": {"z": 1, "a": {"y": None, "b": [[], {}]}},
            "isError": False,
        }

    async def call_numbers(self, peer, arguments):
        return {"content": [text(as_json(offered.NUMBERS))], "structuredContent": offered.NUMBERS}

    async def call_strings(self, peer, arguments):
        return {
            "content": [text(value) for value in offered.STRINGS.values()],
            "structuredContent": offered.STRINGS,
        }

    async def call_nul(self, peer, arguments):
        return said("a\u0000b")

    async def call_nothing(self, peer, arguments):
        return {"content": []}

    async def call_count(self, peer, arguments):
        steps = arguments["steps"]
        for step in range(1, steps + 1):
            message = f"step {step} \U0001f600" if arguments.get("messages") else None
            await peer.progress(step, steps, message)
        return said(f"counted to {steps}")

    async def call_fraction(self, peer, arguments):
        for part in (0.1, 0.25, 0.5):
            await peer.progress(part)
        return said("half done")

    async def call_speak(self, peer, arguments):
        for number, level in enumerate(offered.LEVELS):
            data = (
                {"level": level, "numbers": [2**53 + 1, 0.5], "text": "\u2028"}
                if number % 2
                else f"plain {level}"
            )
            await peer.log(level, data, "voice" if number % 3 else None)
        return said("spoken")

    async def call_slow(self, peer, arguments):
        label = arguments["label"]
        self.fates[label] = "running"
        try:
            await peer.progress(1, None, "working")
            await anyio.sleep(60)
        except anyio.get_cancelled_exc_class():
            self.fates[label] = "cancelled"
            raise
        self.fates[label] = "finished"
        return said("finished")

    async def call_fate(self, peer, arguments):
        return said(self.fates.get(arguments["label"], "unknown"))

    async def call_sample(self, peer, arguments):
        answer = await peer.ask(
            "sample",
            "sampling/createMessage",
            {
                "messages": [
                    {"role": "user", "content": text("Write about " + arguments["topic"])}
                ],
                "maxTokens": 50,
                "systemPrompt": "Be brief.",
                "temperature": 0.1,
                "stopSequences": ["\n\n"],
                "modelPreferences": {
                    "hints": [{"name": "small"}],
                    "costPriority": 1,
                    "intelligencePriority": 0,
                },
            },
        )
        return {"content": [text(as_json(answer))]}

    async def call_form(self, peer, arguments):
        params = {"message": "Who are you?", "requestedSchema": offered.FORM}
        return said(
            as_json(await peer.ask("form", "elicitation/create", {"mode": "form", **params}))
        )

    async def call_visit(self, peer, arguments):
        params = {
            "mode": "url",
            "message": "Sign in, please.",
            "url": "https://example.com/sign-in?state=%20x",
        }
        if not peer.modern:
            params["elicitationId"] = "visit-1"
        return said(as_json(await peer.ask("visit", "elicitation/create", params)))

    async def call_roots(self, peer, arguments):
        return said(as_json(await peer.ask("roots", "roots/list", {})))

    async def call_interview(self, peer, arguments):
        schema = {
            "type": "object",
            "properties": {"colour": {"type": "string"}},
            "required": ["colour"],
        }
        form = {"mode": "form", "message": "Which colour?", "requestedSchema": schema}
        first = await peer.ask("first", "elicitation/create", form)
        await peer.progress(1, 3, "one answer")
        roots = await peer.ask("second", "roots/list", {})
        await peer.progress(2, 3, "two answers")
        third = await peer.ask("third", "elicitation/create", {**form, "message": "Really?"})
        await peer.progress(3, 3, "three answers")
        return said(as_json([first, roots, third]))

    async def call_fail(self, peer, arguments):
        return {
            "content": [text("it did not work"), text("try again")],
            "isError": True,
            "_meta": offered.META,
        }

    async def call_break(self, peer, arguments):
        code = arguments.get("code", -32050)
        raise ProtocolFailure(code, "broken on purpose", {"why": ["purpose"], "number": 2**53 + 1})

    async def call_grow(self, peer, arguments):
        self.grown = True
        await peer.tools_changed()
        return said("grown")

    async def call_shrink(self, peer, arguments):
        self.grown = False
        await peer.tools_changed()
        return said("shrunk")

    async def call_grown(self, peer, arguments):
        return said("I am new")

    async def call_touch(self, peer, arguments):
        await peer.resource_updated(arguments["uri"])
        return said("touched")

    async def call_large(self, peer, arguments):
        return said("0123456789abcdef" * (arguments["bytes"] // 16))

    async def call_header(self, peer, arguments):
        return said(as_json(arguments))

    # Resources

    async def read(self, peer, uri):
        kind, _, rest = uri.partition("://")[2].partition("/")
        plain = {"uri": uri, "mimeType": "text/plain", "_meta": offered.META}
        if uri.startswith("file:"):
            return {"contents": [plain | {"text": "A file."}]}
        match kind:
            case "text" | "linked" | "item" | "pair" | "deep" if rest and rest != "missing":
                return {"contents": [plain | {"text": f"The text of {kind} {rest}.\u2028"}]}
            case "bytes":
                return {
                    "contents": [
                        {"uri": uri, "mimeType": "application/octet-stream", "blob": offered.BYTES}
                    ]
                }
            case "several":
                parts = [{"uri": f"{uri}/{part}", "text": part} for part in ("one", "two")]
                return {"contents": parts + [{"uri": uri, "blob": ""}]}
            case "large":
                return {"contents": [plain | {"text": "x" * 200_000}]}
        raise ProtocolFailure(
            PARAMETERS if peer.modern else NOT_FOUND, "Resource not found", {"uri": uri}
        )

    # Prompts

    async def prompt(self, peer, name, arguments):
        match name:
            case "greet":
                return self.greeting(arguments)
            case "show":
                content = (await self.call_content(peer, {}))["content"]
                roles = ("user", "assistant")
                messages = [
                    {"role": roles[place % 2], "content": block}
                    for place, block in enumerate(content)
                ]
                return {"messages": messages, "description": "Shows all.", "_meta": offered.META}
            case "empty" | "fourth" | "fifth":
                return {"messages": []}
        raise ProtocolFailure(PARAMETERS, f"Unknown prompt: {name}")

    def greeting(self, arguments):
        if "language" not in arguments:
            raise ProtocolFailure(
                PARAMETERS, "Missing required argument: language", {"argument": "language"}
            )
        words = f"Greet in {arguments['language']}, {arguments.get('tone', 'kindly')}."
        return {"messages": [{"role": "user", "content": text(words)}], "description": "A greeting"}

    # Completion

    async def complete(self, ref, argument, context):
        words = {
            ("greet", "language"): ["English", "Esperanto", "French", "\u65e5\u672c\u8a9e"],
            ("greet", "tone"): [
                f"{context.get('language', 'no')} tone {number}" for number in range(150)
            ],
            ("test://item/{id}", "id"): ["one", "two", "twelve"],
        }.get((ref.get("name") or ref.get("uri"), argument["name"]))
        if words is None:
            raise ProtocolFailure(PARAMETERS, "nothing to complete", {"ref": ref})
        values = [word for word in words if word.startswith(argument["value"])]
        return {
            "completion": {
                "values": values[:100],
                "total": len(values),
                "hasMore": len(values) > 100,
            }
        }
