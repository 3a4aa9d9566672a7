"""An MCP server that misbehaves in the way its argument names.

usage: hostile.py MODE
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import wire

MIB = 1 << 20


def tool(name, **more):
    return {"name": name, "description": name, "inputSchema": {"type": "object"}, **more}


def serve(tools, call, before_reply=lambda request: None):
    """Serves like any other server, but with these tools and this answer to a call."""
    for message in wire.messages():
        if "id" not in message or "method" not in message:
            continue
        before_reply(message)
        method = message["method"]
        if method == "initialize":
            capabilities = {"tools": {"listChanged": True}}
            wire.reply(message, wire.initialize_result(message, "hostile", capabilities))
        elif method == "tools/list":
            wire.reply(message, {"tools": tools})
        elif method == "tools/call":
            call(message)
        else:
            wire.refuse(message, -32601, "Method not found")


def ok(request):
    wire.reply(request, wire.text_result("ok"))


def wait_for_ever():
    while True:
        time.sleep(3600)


def exit_at_once():
    print("hostile: the database password is wrong", file=sys.stderr, flush=True)
    sys.exit(3)


def never_initialize():
    for _ in wire.messages():
        pass
    wait_for_ever()


def garbage():
    sys.stdout.buffer.write(b"Starting up...\n\x00\xff\xfe{{{not json\n" * 50)
    sys.stdout.flush()
    for _ in wire.messages():
        sys.stdout.buffer.write(b"\x80 still not json\n")
        sys.stdout.flush()


def endless_line():
    block = b"x" * MIB
    try:
        for _ in range(4096):
            sys.stdout.buffer.write(block)
            sys.stdout.flush()
    except BrokenPipeError:
        pass


def big_result():
    serve([tool("big_result")], lambda request: wire.reply(request, wire.text_result("x" * 50 * MIB)))


def bad_schema():
    bad = [
        tool("string_schema", inputSchema="object"),
        tool("array_schema", inputSchema={"type": "array"}),
        {"name": "no_schema"},
        {"description": "no name", "inputSchema": {"type": "object"}},
        tool(17),
        "not an object",
    ]
    serve(bad + [tool("good")], ok)


def odd_names():
    names = ["\x1b[31mred\x1b[0m", "line\nbreak", "\u202eright to left", "", "x" * 5000]
    serve([tool(name) for name in names] + [tool("good")], ok)


def many_tools():
    serve([tool(f"tool{number}") for number in range(5000)], ok)


def endless_list_changed():
    def shout():
        while True:
            wire.notify("notifications/tools/list_changed")
            time.sleep(0.001)

    threading.Thread(target=shout, daemon=True).start()
    serve([tool("good")], ok)


def endless_pages():
    for message in wire.messages():
        if message.get("method") == "initialize":
            capabilities = {"tools": {}}
            wire.reply(message, wire.initialize_result(message, "hostile", capabilities))
        elif message.get("method") == "tools/list":
            wire.reply(message, {"tools": [tool("again")], "nextCursor": str(time.time())})
        elif message.get("method") == "tools/call":
            ok(message)


def slow_start():
    time.sleep(5)
    serve([tool("good")], ok)


def junk_between():
    def junk(request):
        wire.send_text("Loading model weights... done")
        wire.send_text("")
        wire.send_text("INFO listening on stdio")
        wire.send_text('{"jsonrpc":"2.0","id":987654,"result":{}}')

    serve([tool("good")], ok, junk)


def duplicate_keys():
    def answer(request):
        identity = json.dumps(request["id"])
        wire.send_text(
            f'{{"jsonrpc":"2.0","id":{identity},"result":{{"content":[{{"type":"text","text":"a"}}],'
            f'"content":[{{"type":"text","text":"b"}}]}}}}'
        )

    serve([tool("duplicate_keys")], answer)


def wrong_shapes():
    answers = {
        "null_result": None,
        "list_result": [],
        "no_content": {},
        "text_content": {"content": "text"},
    }

    def answer(request):
        wire.reply(request, answers[request["params"]["name"]])

    serve([tool(name) for name in answers], answer)


def never_answers():
    serve([tool("never_answers")], lambda request: None)


def deaf():
    """Does not end when asked to: neither at end of file nor by SIGTERM."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    serve([tool("good")], ok)
    wait_for_ever()


def forks():
    for _ in range(20):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"], stdin=subprocess.DEVNULL)
    serve([tool("good")], ok)


def fork_bomb():
    """Stops at what the engine allows; the server itself goes on."""
    children = 0
    try:
        while children < 5000:
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"], stdin=subprocess.DEVNULL)
            children += 1
    except OSError:
        pass
    serve([tool("good")], lambda request: wire.reply(request, wire.text_result(str(children))))


def dies_in_call():
    def answer(request):
        print("hostile: dying in the middle of a call", file=sys.stderr, flush=True)
        os._exit(9)

    serve([tool("dies_in_call")], answer)


def half_answer():
    def answer(request):
        sys.stdout.write('{"jsonrpc":"2.0","id":%s,"result":{"content":[{"ty' % json.dumps(request["id"]))
        sys.stdout.flush()
        os._exit(0)

    serve([tool("half_answer")], answer)


def floods_stderr():
    def flood():
        while True:
            os.write(2, b"noise " * 1000 + b"\n")

    threading.Thread(target=flood, daemon=True).start()
    serve([tool("good")], ok)


def not_reading():
    """Never reads: the pipe to it fills up."""
    message = next(wire.messages())
    wire.reply(message, wire.initialize_result(message, "hostile", {"tools": {}}))
    wait_for_ever()


MODES = {
    mode.__name__.replace("_", "-"): mode
    for mode in (
        exit_at_once, never_initialize, garbage, endless_line, big_result, bad_schema, odd_names,
        many_tools, endless_list_changed, endless_pages, slow_start, junk_between, duplicate_keys,
        wrong_shapes, never_answers, deaf, forks, fork_bomb, dies_in_call, half_answer,
        floods_stderr, not_reading,
    )
}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in MODES:
        sys.exit("usage: hostile.py " + "|".join(MODES))
    MODES[sys.argv[1]]()
