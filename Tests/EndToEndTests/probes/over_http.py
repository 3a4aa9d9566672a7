"""Probes over HTTP: streamable HTTP of both eras, and HTTP+SSE."""

import http.client
import json
import socket
import time

import notation

LIMIT = 60  # seconds; a gateway that answers does so at once, but not on a loaded machine
BOTH = "application/json, text/event-stream"


class Answer:
    def __init__(self, response, body):
        self.status, self.headers, self.body = response.status, response.headers, body
        self.closes = response.will_close

    def message(self):
        """The JSON-RPC response in the body, plain or as the last event of a stream."""
        if self.headers.get_content_type() == "text/event-stream":
            found = [message for message in events(self.body) if "method" not in message]
            return found[-1] if found else None
        return json.loads(self.body) if self.body else None

    def responses(self):
        """All of a batch: what became of each id."""
        if self.headers.get_content_type() == "text/event-stream":
            found = list(events(self.body))
        else:
            found = json.loads(self.body)
        pairs = [(json.dumps(one["id"]), notation.outcome(one)) for one in found]
        return dict(pairs) if len(dict(pairs)) == len(pairs) else f"an id twice: {pairs}"

    def __str__(self):
        return f"{self.status} {notation.shown(self.body.decode(errors='replace'))}"


def events(body):
    for block in body.replace(b"\r\n", b"\n").split(b"\n\n"):
        data = [line[5:].strip() for line in block.split(b"\n") if line.startswith(b"data:")]
        if any(data):
            yield json.loads(b"\n".join(data))


class Connection:
    """One connection, on which anything can be written."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=LIMIT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def exchange(self, data, method="POST"):
        try:
            self.socket.sendall(data)
        except OSError:
            pass  # it may refuse what is too long before it has read it; what it said counts
        response = http.client.HTTPResponse(self.socket, method=method)
        response.begin()
        self.said_to_close = response.will_close
        kind = response.headers.get_content_type()
        endless = method == "GET" and kind == "text/event-stream"
        return Answer(response, b"" if endless else response.read())

    def fault_of_end(self, answer):
        """A connection on which nobody knows where the next request begins must end."""
        if not answer.closes:
            return f"{answer} does not say that the connection closes"
        try:
            rest = self.socket.recv(1)
        except ConnectionResetError:
            return None
        except TimeoutError:
            return "the connection stays open"
        return f"{rest!r} follows the last answer" if rest else None


def edited(headers, changes, words):
    """Headers as (name, value), with the changes that a case wants."""
    for change in changes:
        adds, line = change.startswith("+"), change.removeprefix("+")
        name, value = line.split(":", 1)
        value = notation.expanded(value.removeprefix(" "), words)
        if not adds:
            headers = [header for header in headers if header[0].lower() != name.lower()]
        if value or "<<empty>>" in line:
            headers.append((name, value))
    return headers


def as_bytes(value):
    return value if isinstance(value, bytes) else value.encode()


def chunks(body):
    size = 65536
    pieces = [body[place : place + size] for place in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def written(case, headers, words, path):
    """The bytes of the request of a case."""
    if raw := case.get("raw"):
        return notation.expanded(raw, words)
    method = case.get("method", "POST")
    body = notation.expanded(case.get("body", ""), words)
    headers = [(name, as_bytes(value)) for name, value in headers]
    if case.get("chunked"):
        body = chunks(body)
        headers.append(("Transfer-Encoding", b"chunked"))
    elif "body" in case.fields:
        headers.append(("Content-Length", b"%d" % len(body)))
    headers = edited(headers, case.get("headers", []), words)
    path = notation.expanded(case.get("path", path), words)
    head = b"%s %s HTTP/1.1\r\n" % (method.encode(), path)
    lines = b"".join(b"%s: %s\r\n" % (name.encode(), value) for name, value in headers)
    return head + lines + b"\r\n" + body


def fault(case, answer):
    if answer.status not in notation.listed(case.get("status")):
        return f"{answer} instead of {case.get('status')}"
    if case.get("empty") and answer.body and answer.status == 202:
        return f"a body where none may be: {answer}"
    if wanted := case.get("header"):
        name, _, value = wanted.partition(": ")
        if not (answer.headers.get(name) or "").startswith(value) or name not in answer.headers:
            return f"the header {name} is {answer.headers.get(name)!r}"
    if "responses" in case.fields and answer.responses() != case.get("responses"):
        return f"{answer} instead of {case.get('responses')}"
    if case.get("without", "none") in answer.headers:
        return f"the header {case.get('without')} must not be there"
    if answer.status != 413 and "answer" in case.fields:
        try:
            message = answer.message()
        except ValueError:
            message = None
        if not isinstance(message, dict):
            return f"{answer} has no message"
        return notation.fault_of_message(case, message, case.get("answer"))
    return None


class Streaming:
    """A gateway's endpoint for streamable HTTP, both eras."""

    path = "/mcp"

    def __init__(self, port, token, modern):
        self.port, self.token, self.modern = port, token, modern
        self.sessions = {}
        if not modern:
            self.open()

    def common(self, accept=BOTH):
        return [
            ("Host", f"127.0.0.1:{self.port}"),
            ("Authorization", f"Bearer {self.token}"),
            ("Accept", accept),
            ("Content-Type", "application/json"),
        ]

    def post(self, body, headers):
        case = notation.Case("", "", "", "", {"body": "<<body>>"})
        with Connection(self.port) as connection:
            return connection.exchange(written(case, headers, {"body": body}, self.path))

    def open(self, version=notation.NEWEST_HANDSHAKE):
        """A session; the same for all cases of a version, unless one needs its own."""
        answer = self.post(notation.initialize(version), self.common())
        session = answer.headers["Mcp-Session-Id"]
        self.sessions[version] = session
        headers = self.of_session(session, version)
        self.post(notation.INITIALIZED, headers)
        for _ in range(400):
            if self.good_request(version) is None:
                return session
            time.sleep(0.05)
        raise RuntimeError("the server of the probes did not appear")

    def of_session(self, session, version):
        more = [("Mcp-Session-Id", session), ("MCP-Protocol-Version", version)]
        return self.common() + more

    def of_modern(self, body):
        """The headers that a good client makes from what it sends."""
        more = [("MCP-Protocol-Version", notation.MODERN)]
        try:
            message = json.loads(body)
            if "method" in message:
                more.append(("Mcp-Method", message["method"]))
            params = message.get("params") or {}
            name = params.get("uri" if message.get("method") == "resources/read" else "name")
            if name is not None and message["method"] != "tools/list":
                more.append(("Mcp-Name", name))
        except (ValueError, AttributeError, TypeError):
            pass  # the case is about that; it says which headers it wants
        return self.common() + more

    def good_request(self, version=notation.NEWEST_HANDSHAKE):
        make = notation.modern_request if self.modern else notation.request
        body = make("tools/call", name="echo", arguments={"text": "good"})
        headers = (
            self.of_modern(body)
            if self.modern
            else self.of_session(self.sessions[version], version)
        )
        answer = self.post(body, headers)
        message = answer.message() if answer.status == 200 else None
        said = (message or {}).get("result", {}).get("content", [{}])[0].get("text")
        return None if said == "good" else f"a good request got {answer}"

    def headers(self, case, words):
        if self.modern:
            return self.of_modern(notation.expanded(case.get("body", ""), words))
        if case.get("new"):
            return self.common()
        version = case.get("version", notation.NEWEST_HANDSHAKE)
        session = self.sessions.get(version) or self.open(version)
        if case.get("own"):
            kept, session = session, self.open(version)
            self.sessions[version] = kept
        return self.of_session(session, version)

    def try_case(self, case):
        words = notation.WORDS | {"token": self.token}
        headers = self.headers(case, words)
        words["session"] = dict(headers).get("Mcp-Session-Id", "")
        if case.get("method") == "GET":
            headers = edited(headers, ["Accept: text/event-stream", "Content-Type:"], words)
        data = written(case, headers, words, self.path)
        with Connection(self.port) as connection:
            answer = connection.exchange(data, case.get("method", "POST"))
            wrong = fault(case, answer)
            if wrong is None and not case.get("stream"):
                ends = case.get("closes", False)
                wrong = connection.fault_of_end(answer) if ends else self.still_usable(connection)
        return wrong or self.good_request()

    def still_usable(self, connection):
        """A connection that was not said to be closed must serve another request."""
        if connection.said_to_close:
            return "the connection closes though nothing is wrong with it"
        data = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % self.port
        try:
            answer = connection.exchange(data, "GET")
        except (OSError, http.client.HTTPException) as failure:
            return f"the connection is of no use afterwards: {failure!r}"
        return None if answer.status == 200 else f"the connection answers with {answer} afterwards"


class Stream:
    """The stream of one session of HTTP+SSE."""

    def __init__(self, port, headers):
        self.connection = Connection(port)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        self.connection.socket.sendall(f"GET /sse HTTP/1.1\r\n{lines}\r\n".encode())
        self.response = http.client.HTTPResponse(self.connection.socket)
        self.response.begin()
        kind, self.address = self.event()
        if kind != "endpoint":
            raise RuntimeError(f"the first event is {kind}: {self.address}")

    def event(self):
        kind, data = "message", []
        while True:
            line = self.response.readline()
            if not line:
                raise RuntimeError("the stream ended")
            line = line.rstrip(b"\r\n").decode()
            if not line and data:
                return kind, "\n".join(data)
            name, _, value = line.partition(":")
            if name == "event":
                kind = value.strip()
            elif name == "data":
                data.append(value.removeprefix(" "))

    def until(self, identity):
        """The responses before the one to this request, and that one."""
        before = []
        while True:
            message = json.loads(self.event()[1])
            if "method" in message:
                continue
            if message.get("id") == identity:
                return before, message
            before.append(message)


class SSE(Streaming):
    def __init__(self, port, token):
        self.port, self.token, self.modern = port, token, False
        self.stream, self.count = None, 0
        self.renew()

    def renew(self):
        self.stream = Stream(self.port, self.common("text/event-stream"))
        self.path = self.stream.address
        self.post(notation.initialize(), self.common())
        self.stream.until(1)
        self.post(notation.INITIALIZED, self.common())
        for _ in range(400):
            if self.after()[1] is None:
                return
            time.sleep(0.05)
        raise RuntimeError("the server of the probes did not appear")

    def after(self):
        """What the stream says before the answer to a good request, and what is wrong with that."""
        self.count += 1
        identity = f"good {self.count}"
        body = json.loads(notation.request("tools/call", name="echo", arguments={"text": identity}))
        self.post(json.dumps(body | {"id": identity}), self.common())
        before, answer = self.stream.until(identity)
        said = answer.get("result", {}).get("content", [{}])[0].get("text")
        return before, None if said == identity else f"a good request got {answer}"

    def try_case(self, case):
        base, _, _ = self.path.partition("?")
        unknown = self.path[:-8] + "00000000"
        words = notation.WORDS | {"token": self.token, "unknown": unknown, "no session": base}
        accept = "text/event-stream" if case.get("method") == "GET" else BOTH
        data = written(case, self.common(accept), words, self.path)
        try:
            with Connection(self.port) as connection:
                wrong = fault(case, connection.exchange(data, case.get("method", "POST")))
            before, bad = self.after()
        except (RuntimeError, OSError) as failure:
            self.renew()
            return f"the session is lost: {failure!r}"
        return wrong or self.fault_of_stream(case, before) or bad

    def fault_of_stream(self, case, before):
        expected = case.get("event")
        if len(before) != (expected is not None):
            return f"{len(before)} events: {notation.shown(before)}"
        return notation.fault_of_message(case, before[0], expected) if before else None


def probe(cases, endpoint):
    for case in cases:
        try:
            wrong = endpoint.try_case(case)
        except (OSError, http.client.HTTPException) as failure:
            wrong = f"no answer: {failure!r}"
            bad = None if isinstance(endpoint, SSE) else endpoint.good_request()
            wrong += f"; and {bad}" if bad else ""
        yield case, wrong
