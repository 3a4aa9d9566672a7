"""What hooks add to a call: a persistent one, and one whose program is started for each call."""

import os
import pathlib
import shutil
import statistics
import tempfile
import time

BLOCK = 50

# Lets every call go on, as quickly as Python can.
PERSISTENT = """\
import sys
write, flush = sys.stdout.write, sys.stdout.flush
for line in sys.stdin:
    write("\\n")
    flush()
"""

POLICY = """\
version: 1
hooks:
  - name: persistent
    when: before
    exec: [python3, {script}]
    persistent: true
"""

# A program that people write hooks with. It reads all and says nothing.
SPAWNED = "jq empty"


def bare_spawn(message):
    """Milliseconds of starting the same program with the same input, and waiting for its end."""
    program, *words = SPAWNED.split()
    path = shutil.which(program)
    with tempfile.TemporaryFile() as file:
        file.write(message)
        file.flush()
        actions = [
            (os.POSIX_SPAWN_DUP2, file.fileno(), 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        ]
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        begin = time.perf_counter_ns()
        child = os.posix_spawn(path, [program, *words], {"PATH": os.environ["PATH"]}, file_actions=actions)
        _, status = os.waitpid(child, 0)
        elapsed = time.perf_counter_ns() - begin
    if status != 0:
        raise RuntimeError(f"{SPAWNED} ended with {status}")
    return elapsed / 1e6


def measure(workplace, session, text, calls):
    """The ways in turn: without a hook, with each kind of hook, and a bare spawn."""
    times = {"plain": [], "persistent": [], "spawned": [], "bare": []}
    message = b'{"method":"tools/call","params":{"arguments":{"text":"%s"}}}\n' % text.encode()
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder, "hook.py")
        script.write_text(PERSISTENT)
        policy = pathlib.Path(folder, "policy.yaml")
        policy.write_text(POLICY.format(script=script))
        policy.chmod(0o600)
        with (
            session(workplace.start("--servers", "kept")) as plain,
            session(workplace.start("--servers", "kept", "--policy", str(policy))) as persistent,
            session(
                workplace.start("--servers", "kept", "--interceptor", f"before:exec:{SPAWNED}")
            ) as spawned,
        ):
            ways = {"plain": plain, "persistent": persistent, "spawned": spawned}
            for opened in ways.values():
                opened.wait_for_tool("echo")
                for _ in range(50):
                    opened.echo()
            for _ in range(max(1, calls // BLOCK)):
                for name, opened in ways.items():
                    times[name] += [opened.echo() for _ in range(BLOCK)]
                times["bare"] += [bare_spawn(message) for _ in range(BLOCK)]
    return {name: statistics.median(values) for name, values in times.items()}


def add(table, workplace, session, text, calls):
    found = measure(workplace, session, text, calls)
    table.add(
        "added by a persistent exec hook (Python), median",
        found["persistent"] - found["plain"],
        "ms",
        0.15,
    )
    added = found["spawned"] - found["plain"]
    table.add(f"added by an exec hook that is started for each call (`{SPAWNED}`), median", added, "ms")
    table.add(f"bare spawn of `{SPAWNED}`, median", found["bare"], "ms")
    table.add("such a hook / bare spawn", added / found["bare"], "times", 1.5)
