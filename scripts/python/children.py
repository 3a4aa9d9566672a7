"""Programs that end with the one that started them, however that ends."""

import signal
import subprocess
import sys


def end_by_signals():
    """Has SIGTERM run what `finally` promises."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def start(command, **more):
    """A program that the kernel ends when we are killed. Its id is its own: setpriv becomes it."""
    words = ["setpriv", "--pdeathsig", "TERM", "--", *map(str, command)]
    return subprocess.Popen(words, **more)


def end(process, limit=20):
    """Its status after SIGTERM; None if it had to be killed."""
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None
