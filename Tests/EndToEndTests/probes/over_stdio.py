"""Probes over standard input and output."""

import json
import queue
import subprocess
import threading
import time

import notation

LIMIT = 60  # seconds; a gateway that answers does so at once, but not on a loaded machine


class Died(Exception):
    pass


class Gateway:
    def __init__(self, start):
        self.process = start()
        self.messages = queue.Queue()
        self.count = 0
        threading.Thread(target=self.collect, daemon=True).start()

    def collect(self):
        for line in self.process.stdout:
            self.messages.put(line)
        self.messages.put(None)

    def send(self, data):
        try:
            for part in (data + b"\n").split(notation.PAUSE):
                self.process.stdin.write(part)
                self.process.stdin.flush()
                time.sleep(0.05 if notation.PAUSE in data else 0)
        except OSError as failure:
            raise Died("it does not read any more") from failure

    def receive(self):
        try:
            line = self.messages.get(timeout=LIMIT)
        except queue.Empty:
            raise Died(f"no answer in {LIMIT} s") from None
        if line is None:
            raise Died(f"it ended: {self.process.wait()}")
        return json.loads(line)

    def until(self, identity):
        """All that comes before the answer to this request, and that answer."""
        before = []
        while True:
            message = self.receive()
            if message.get("id") == identity and "method" not in message:
                return before, message
            if "method" not in message:
                before.append(message)

    def good_request(self, modern=False):
        self.count += 1
        identity = f"good {self.count}"
        make = notation.modern_request if modern else notation.request
        message = json.loads(make("tools/call", name="echo", arguments={"text": identity}))
        self.send(json.dumps(message | {"id": identity}).encode())
        before, answer = self.until(identity)
        said = answer.get("result", {}).get("content", [{}])[0].get("text")
        return before, None if said == identity else f"a good request got {notation.shown(answer)}"

    def open(self):
        self.send(notation.initialize().replace('"id": 1', '"id": "open"').encode())
        before, _ = self.until("open")
        self.opened()
        return before

    def opened(self):
        self.send(notation.INITIALIZED.encode())
        # Calls are possible once the server has been listed.
        for _ in range(400):
            if self.good_request()[1] is None:
                return
            time.sleep(0.05)
        raise Died("the server of the probes did not appear")

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Died("it does not end with its standard input") from None


def fault(case, before, words):
    count = case.get("answers", 1 if "answer" in case.fields else 0)
    expected = notation.listed(case.get("answer", "none"))
    before = [m for m in before if m.get("error", {}).get("code") not in case.get("also", [])]
    if "none" in expected and not before:
        return None
    if len(before) != max(count, 0 if expected == ["none"] else 1):
        return f"{len(before)} answers: {notation.shown(before)}"
    faults = (notation.fault_of_message(case, message, expected) for message in before)
    return next((each for each in faults if each), None)


def in_state(case, gateway, words):
    data = notation.expanded(case.get("send"), words)
    if case.get("state") != "new":
        gateway.send(data)
        before, bad = gateway.good_request()
        return fault(case, before, words) or bad
    gateway.send(data)
    if case.get("opens"):
        before = [gateway.receive() for _ in range(case.get("answers", 1))]
        gateway.opened()
        return fault(case, before, words)
    if case.get("after") == "modern":
        before, bad = [gateway.receive()], None
        for _ in range(400):  # until the server has been listed
            more, bad = gateway.good_request(modern=True)
            before += more
            if bad is None:
                break
            time.sleep(0.05)
        return fault(case, before, words) or bad
    return fault(case, gateway.open(), words)


def probe(cases, start):
    """Yields each case with what was wrong, None if nothing."""
    words = notation.WORDS
    gateway = None
    for case in cases:
        fresh = case.get("state") == "new"
        try:
            if fresh:
                alone = Gateway(start)
                try:
                    wrong = in_state(case, alone, words)
                finally:
                    alone.end()
            else:
                if gateway is None:
                    gateway = Gateway(start)
                    gateway.open()
                wrong = in_state(case, gateway, words)
        except Died as failure:
            wrong = str(failure)
            if not fresh and gateway is not None:
                gateway.process.kill()
                gateway = None
        yield case, wrong
    if gateway:
        gateway.end()
