"""What the server offers, as the JSON that goes over the wire: every member of every kind."""

import base64

PICTURE = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c02"
        "0000000b4944415478da6364f80f00010501012718e3660000000049454e44ae426082"
    )
).decode()
SOUND = base64.b64encode(
    b"RIFF$\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\0\0\0\0"
).decode()
BYTES = base64.b64encode(bytes(range(256))).decode()

ICONS = [
    {"src": "data:image/png;base64," + PICTURE, "mimeType": "image/png", "sizes": ["1x1", "any"]},
    {"src": "https://example.com/dark.svg", "mimeType": "image/svg+xml", "theme": "dark"},
]
ANNOTATIONS = {
    "audience": ["user", "assistant"],
    "priority": 0.25,
    "lastModified": "2025-01-12T15:00:58Z",
}
META = {
    "example.com/weight": 7,
    "example.com/nested": {"list": [1, "two", None, True], "empty": {}},
}

# What readers of JSON that go through floating point or normalise strings lose.
NUMBERS = {
    "aboveDouble": 2**53 + 1,
    "largestUnsigned": 2**64 - 1,
    "smallestSigned": -(2**63),
    "tiny": 1e-7,
    "negativeZero": -0.0,
    "whole": 1.0,
    "huge": 1.7976931348623157e308,
    "third": 1 / 3,
}
STRINGS = {
    "astral": "\U0001f600\U0001d11e",
    "separators": "line\u2028paragraph\u2029end",
    "controls": "\u0001\u001b[31m\u007f\u0085",
    "decomposed": "e\u0301",
    "composed": "\u00e9",
    "quotes": '"\\/\b\f\n\r\t',
    "bidirectional": "\u202eabc\u202c \u05d0\u05d1",
    "family": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "empty": "",
    "\U0001f511 key": "a key that is not ASCII",
}

ANYTHING = {"type": "object"}


def schema(required=(), **properties):
    return {"type": "object", "properties": properties, "required": list(required)}


TEXT = {"type": "string"}
INTEGER = {"type": "integer"}

WEATHER = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "city": TEXT,
        "degrees": {"$ref": "#/$defs/degrees"},
        "wind": {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "null"}]},
    },
    "required": ["city", "degrees"],
    "$defs": {"degrees": {"type": "number", "minimum": -273.15}},
}


def tool(name, description, input_schema=ANYTHING, **more):
    return {"name": name, "description": description, "inputSchema": input_schema, **more}


TOOLS = [
    tool("echo", "Says the text again.", schema(["text"], text=TEXT)),
    tool("arguments", "Gives back its arguments and metadata as they came."),
    tool("content", "Gives one block of each type.", title="All content", icons=ICONS, _meta=META),
    tool(
        "weather",
        "Gives structured content that its schema describes.",
        schema(["city"], city=TEXT),
        outputSchema=WEATHER,
        annotations={
            "title": "The weather",
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    ),
    tool("loose", "Gives structured content without a schema."),
    tool("numbers", "Gives numbers that are easily lost."),
    tool("strings", "Gives strings that are easily lost: \u2028 \U0001f600."),
    tool("nul", "Gives a string with a NUL in it."),
    tool("nothing", "Gives no content at all."),
    tool(
        "count",
        "Counts and reports progress.",
        schema(["steps"], steps=INTEGER, messages={"type": "boolean"}),
    ),
    tool("fraction", "Reports progress in fractions and without a total."),
    tool("speak", "Logs at each level.", annotations={"readOnlyHint": True}),
    tool("slow", "Works for a long time, remembers how it ended.", schema(["label"], label=TEXT)),
    tool("fate", "Tells how a slow call ended.", schema(["label"], label=TEXT)),
    tool("sample", "Asks the client's model.", schema(["topic"], topic=TEXT)),
    tool("form", "Asks the user to fill in a form."),
    tool("visit", "Asks the user to visit a page."),
    tool("roots", "Asks for the roots."),
    tool("interview", "Asks several things in turn."),
    tool("fail", "Fails as a tool does."),
    tool("break", "Fails as a protocol does.", schema(code=INTEGER)),
    tool("grow", "Adds a tool."),
    tool("shrink", "Takes the added tool away."),
    tool("touch", "Changes a resource.", schema(["uri"], uri=TEXT)),
    tool("large", "Gives a long text.", schema(["bytes"], bytes=INTEGER)),
    tool(
        "header",
        "Has an argument that goes into a header too.",
        schema(["region"], region={"type": "string", "x-mcp-header": "Region"}, count=INTEGER),
    ),
    tool("a.b/c_D-1", "Has every kind of character that a name may have."),
]
GROWN = tool("grown", "Was added while the server ran.")

RESOURCES = [
    {
        "uri": f"test://text/{number}",
        "name": f"text{number}",
        "title": f"Text number {number}",
        "description": "A text.",
        "mimeType": "text/plain; charset=utf-8",
        "size": 100 + number,
        "annotations": ANNOTATIONS,
        "icons": ICONS,
        "_meta": META,
    }
    for number in range(1, 10)
] + [
    {"uri": "test://bytes", "name": "bytes", "mimeType": "application/octet-stream"},
    {"uri": "test://several", "name": "several"},
    {"uri": "test://large", "name": "large"},
    {"uri": "file:///srv/r%C3%A9sum%C3%A9%20%F0%9F%98%80.txt", "name": "résumé \U0001f600"},
]
TEMPLATES = [
    {
        "uriTemplate": "test://item/{id}",
        "name": "item",
        "title": "An item",
        "description": "An item by its id.",
        "mimeType": "application/json",
        "annotations": ANNOTATIONS,
        "icons": ICONS,
        "_meta": META,
    },
    {"uriTemplate": "test://pair/{first}/{second}", "name": "pair"},
    {"uriTemplate": "test://deep/{+path}", "name": "deep"},
]

PROMPTS = [
    {
        "name": "greet",
        "title": "A greeting",
        "description": "Greets in a language.",
        "arguments": [
            {
                "name": "language",
                "title": "Language",
                "description": "in which to greet",
                "required": True,
            },
            {"name": "tone", "required": False},
        ],
        "icons": ICONS,
        "_meta": META,
    },
    {"name": "show", "description": "Shows every type of content."},
    {"name": "empty"},
    {"name": "fourth", "arguments": []},
    {"name": "fifth"},
]

FORM = {
    "type": "object",
    "properties": {
        "name": {
            "type": "string",
            "title": "Name",
            "minLength": 1,
            "maxLength": 40,
            "default": "Ada",
        },
        "mail": {"type": "string", "format": "email"},
        "age": {"type": "integer", "minimum": 0, "maximum": 150, "default": 36},
        "share": {"type": "number", "default": 0.5},
        "agree": {"type": "boolean", "default": True},
        "plain": {"type": "string", "enum": ["a", "b"], "default": "b"},
        "titled": {
            "type": "string",
            "oneOf": [{"const": "x", "title": "Ex"}, {"const": "y", "title": "Why"}],
        },
        "many": {
            "type": "array",
            "items": {"type": "string", "enum": ["red", "green", "blue"]},
            "minItems": 1,
            "maxItems": 2,
            "default": ["red"],
        },
        "manyTitled": {
            "type": "array",
            "items": {"anyOf": [{"const": "1", "title": "One"}, {"const": "2", "title": "Two"}]},
        },
    },
    "required": ["name", "age"],
}

PAGES = {"tools": 5, "resources": 4, "resourceTemplates": 2, "prompts": 2}
NAME, VERSION = "everything", "1.2.3"
INSTRUCTIONS = "Use every feature. \U0001f600"
LEVELS = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]
