"""Compares what a client sees of a server with what it sees of the same server behind the gateway.

They must be equal, but for what is listed here with the reason why.
"""

import json
import re

# Members of a result that only 2026-07-28 has. They are compared where a client speaks the same era
# to both.
HOP_MEMBERS = ("resultType", "ttlMs", "cacheScope")
# The server names itself in each result of that revision, and so does the gateway.
HOP_METADATA = "io.modelcontextprotocol/serverInfo"

# The gateway knows which tools and prompts there are, so it says in its own words that there is no
# such one. The code must be the same.
OWN_WORDS = ("unknown tool", "prompt unknown")

# The code for a missing resource changed with 2026-07-28: each side has to give that of its era.
MISSING_RESOURCE, MISSING_RESOURCE_BEFORE = -32602, -32002

# A client of 2026-07-28 that is asked and fails gives up the call by itself, and the server never
# hears of it; before, the failure was the answer to the server. The same client does either,
# depending on the revision that it happens to speak.
GIVEN_UP = ("sample refused",)

# Readers of JSON do not agree about U+0000, so the gateway lets none through and says so.
REFUSED = ("nul out",)

# A server without a handshake starts again with each answer, and tells its progress again. Which
# rounds a client sees depends on the revisions of two hops.
IN_ROUNDS = ("interview",)

# The client knows only the gateway, so the gateway says which server asks.
ASKING_SERVER = re.compile(r"^\[[\w-]+\] ")

# The gateway describes itself, and offers these only if a server does. What is experimental is not
# for it to promise, and changes of lists it announces in any case.
CAPABILITIES = ("tools", "prompts", "resources", "completions")


def without_hop(value, members):
    """The value without what tells about the hop."""
    if isinstance(value, list):
        return [without_hop(item, members) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: without_hop(item, members) for key, item in value.items() if key not in members}
    if isinstance(value.get("_meta"), dict) and HOP_METADATA in value["_meta"]:
        kept["_meta"].pop(HOP_METADATA)
        if not kept["_meta"]:
            del kept["_meta"]
    return kept


def without_asker(asked):
    kind, params = asked
    if kind != "elicitation":
        return asked
    return [kind, params | {"message": ASKING_SERVER.sub("", params["message"])}]


def without_repetition(items):
    return [item for place, item in enumerate(items) if item not in items[:place]]


def modern(transcript):
    return transcript["hello"]["protocolVersion"] >= "2026"


def comparable(transcript, eras_differ):
    """Steps by name, in a form in which equal text means equal meaning."""
    steps = {}
    members = HOP_MEMBERS if eras_differ else ()
    missing = MISSING_RESOURCE if modern(transcript) else MISSING_RESOURCE_BEFORE
    for step in transcript["steps"]:
        if step["step"] in GIVEN_UP and eras_differ:
            continue
        seen = {key: value for key, value in step.items() if key != "step"}
        seen = without_hop(seen, members)
        if "asked" in seen:
            seen["asked"] = [without_asker(asked) for asked in seen["asked"]]
        if step["step"] in IN_ROUNDS:
            seen["progress"] = without_repetition(seen.get("progress", []))
        error = seen.get("error")
        if step["step"] in REFUSED:
            failed = error or seen.get("result", {}).get("isError")
            seen = "refused" if failed else seen
        if error and step["step"] in OWN_WORDS:
            seen["error"] = {"code": error["code"]}
        if error and step["step"] == "read missing" and error["code"] == missing:
            seen["error"] = {"code": "missing", "data": error["data"]}
        steps[step["step"]] = json.dumps(seen, sort_keys=True, indent=1)
    capabilities = transcript["hello"]["capabilities"]
    offered = {name: name in capabilities for name in CAPABILITIES}
    offered["subscribe"] = capabilities.get("resources", {}).get("subscribe", False)
    steps["capabilities"] = json.dumps(offered, indent=1)
    return steps


def difference(direct, gateway):
    """The first lines that differ, with a line before them."""
    one, two = direct.splitlines(), gateway.splitlines()
    place = next((p for p, (a, b) in enumerate(zip(one, two)) if a != b), min(len(one), len(two)))
    begin = max(0, place - 1)

    def cut(lines):
        shown = " ".join(line.strip() for line in lines[begin : place + 4])
        return shown if len(shown) <= 300 else shown[:300] + "…"

    return f"direct:  {cut(one)}\n    gateway: {cut(two)}"


def differences(direct, gateway):
    eras_differ = modern(direct) != modern(gateway)
    one, two = comparable(direct, eras_differ), comparable(gateway, eras_differ)
    one |= dict.fromkeys(REFUSED, json.dumps("refused"))
    return [
        f"{name}\n    {difference(one.get(name, 'no such step'), two.get(name, 'no such step'))}"
        for name in {**one, **two}
        if one.get(name) != two.get(name)
    ]


# What a direct connection must show, so that two empty transcripts are not taken for success.
EXPECTED_EVENTS = {
    "count": ("progress", 4),
    "count aloud": ("progress", 3),
    "fraction": ("progress", 3),
    "speak of all": ("logs", 8),
    "speak of some": ("logs", 4),
    "sample": ("asked", 1),
    "form": ("asked", 1),
    "visit": ("asked", 1),
    "roots": ("asked", 1),
    "interview": ("asked", 3),
}
EXPECTED_ERRORS = 8


def shortcomings(direct):
    """What the direct transcript lacks. A client that fails by itself would hide a difference."""
    found = [f"{step['step']}: {step['failure']}" for step in direct["steps"] if "failure" in step]
    steps = {step["step"]: step for step in direct["steps"]}
    for name, (kind, count) in EXPECTED_EVENTS.items():
        if len(steps[name].get(kind, [])) != count:
            found.append(f"{name}: {len(steps[name].get(kind, []))} {kind} instead of {count}")
    if "cancelled" not in json.dumps(steps["fate"]):
        found.append("fate: the server did not hear of the cancellation")
    if len(steps["changes"].get("result", {}).get("watched", [])) != 2:
        found.append("changes: not both arrived")
    errors = sum("error" in step for step in direct["steps"])
    if errors < EXPECTED_ERRORS:
        found.append(f"only {errors} errors")
    return found
