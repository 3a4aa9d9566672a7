"""The tables of probes, and how they write what cannot be written plainly.

In a text, `<<ff>>` is that byte, `<<1000 [>>` a thousand brackets, `<<pause>>` a moment in which
the bytes so far have been sent alone, and `<<word>>` what the word stands for below.
"""

import dataclasses
import json
import pathlib
import re
import tomllib

TABLES = ("stdio", "streaming", "modern", "sse")
MODERN, NEWEST_HANDSHAKE = "2026-07-28", "2025-11-25"
PREFIX = "io.modelcontextprotocol/"


def meta(**capabilities):
    client = {"name": "probe", "version": "1"}
    values = {"protocolVersion": MODERN, "clientCapabilities": capabilities, "clientInfo": client}
    return json.dumps({PREFIX + key: value for key, value in values.items()})


def request(method, **params):
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})


def modern_request(method, **params):
    return request(method, **params, _meta=json.loads(meta()))


def initialize(version=NEWEST_HANDSHAKE):
    client = {"name": "probe", "version": "1"}
    return request("initialize", protocolVersion=version, capabilities={}, clientInfo=client)


INITIALIZED = '{"jsonrpc":"2.0","method":"notifications/initialized"}'

WORDS = {
    "meta": meta(),
    "asking": meta(elicitation={"form": {}}),
    "initialize": initialize(),
    "ping": '{"jsonrpc":"2.0","id":1,"method":"ping"}',
    "list": modern_request("tools/list"),
    "call": modern_request("tools/call", name="echo", arguments={"text": "hi"}),
    "empty": "",
    "many": "\r\n".join(f"1\r\nX-Many-{number}: 1" for number in range(5000)),
}
PAUSE = b"\0pause\0"


def expanded(text, words):
    """The bytes that a text of a table stands for."""

    def meaning(match):
        word = match[1]
        if re.fullmatch(r"[0-9a-f]{2}", word):
            return bytes.fromhex(word)
        if word == "pause":
            return PAUSE
        if word in words:
            return words[word].encode()
        count, what = re.fullmatch(r"(\d+) (.+)", word, re.DOTALL).groups()
        return what.encode() * int(count)

    parts, end = [], 0
    for match in re.finditer(r"<<(.+?)>>", text, re.DOTALL):
        parts += [text[end : match.start()].encode(), meaning(match)]
        end = match.end()
    return b"".join([*parts, text[end:].encode()])


@dataclasses.dataclass
class Case:
    table: str
    group: str
    name: str
    section: str
    fields: dict

    def get(self, key, otherwise=None):
        return self.fields.get(key, otherwise)

    def __str__(self):
        return f"{self.table}: {self.group}: {self.name}"


KNOWN_FIELDS = {
    *("send", "state", "answer", "answers", "also", "id", "text", "opens", "after"),
    *("method", "path", "headers", "body", "raw", "chunked", "new", "own", "version", "stream"),
    *("status", "header", "without", "empty", "closes", "event", "responses"),
}


def cases(table):
    with pathlib.Path(__file__).with_name(table + ".toml").open("rb") as file:
        groups = tomllib.load(file)
    for group, content in groups.items():
        for name, fields in content["cases"].items():
            unknown = set(fields) - KNOWN_FIELDS
            if unknown:
                raise ValueError(f"{table}: {group}: {name}: unknown {unknown}")
            yield Case(table, group, name, content["section"], fields)


# What is expected of one message


def listed(value):
    return value if isinstance(value, list) else [value]


def same(one, two):
    """1, 1.0, True and "1" are four different ids."""
    return type(one) is type(two) and one == two


def shown(value):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) < 200 else text[:200] + "…"


def outcome(message):
    """The code of the error, or that there is none."""
    return message["error"].get("code") if "error" in message else "result"


def fault_of_message(case, message, expected):
    """Why this answer is not the expected one; None when it is."""
    found = outcome(message)
    if found not in listed(expected):
        return f"{shown(message)} instead of {expected}"
    wanted = case.get("id", "null" if found != "result" else "any")
    if wanted != "any" and not same(message.get("id"), json.loads(wanted)):
        return f"the id is {message.get('id')!r} instead of {wanted}"
    compact = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    if case.get("text", "") not in compact:
        return f"no {case.get('text')} in {shown(compact)}"
    return None
