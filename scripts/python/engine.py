"""The Engine API without a gateway: what calls are measured beside."""

import http.client
import json
import os
import socket

IMAGE = "mcp-gateway-bench/echo:1"
LABEL = "mcp-gateway.bench"


class Engine:
    """As much of the Engine API as a client needs that attaches to a container itself."""

    PATH = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")
    VERSION = "/v1.41"

    class Connection(http.client.HTTPConnection):
        def connect(self):
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.connect(Engine.PATH)

    @classmethod
    def post(cls, path, body=None):
        connection = cls.Connection("docker")
        headers = {"Content-Type": "application/json"}
        connection.request("POST", cls.VERSION + path, json.dumps(body or {}), headers)
        response = connection.getresponse()
        text = response.read()
        if response.status >= 300:
            raise RuntimeError(f"engine: {response.status} {text.decode()}")
        return json.loads(text) if text else {}

    @classmethod
    def attach(cls, container):
        """The hijacked connection of a container's standard input and output."""
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        stream.connect(cls.PATH)
        path = f"{cls.VERSION}/containers/{container}/attach?stream=1&stdin=1&stdout=1&stderr=1"
        head = "POST {} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
        stream.sendall(head.format(path).encode())
        reader = stream.makefile("rb")
        status = reader.readline()
        if b" 101 " not in status:
            raise RuntimeError(f"engine: attach answered {status!r}")
        while reader.readline().strip():
            pass
        return stream, reader


class Attached:
    """A direct connection: the client holds the container itself, as the gateway does."""

    def __init__(self):
        body = {
            "Image": IMAGE,
            "OpenStdin": True,
            "StdinOnce": True,
            "AttachStdin": True,
            "AttachStdout": True,
            "Labels": {LABEL: "true"},
            "HostConfig": {"NetworkMode": "none", "AutoRemove": True},
        }
        self.container = Engine.post("/containers/create", body)["Id"]
        self.stream, self.reader = Engine.attach(self.container)
        Engine.post(f"/containers/{self.container}/start")
        self.rest = b""

    def send(self, line):
        self.stream.sendall(line)

    def receive(self):
        while b"\n" not in self.rest:
            head = self.reader.read(8)
            self.rest += self.reader.read(int.from_bytes(head[4:], "big"))
        line, self.rest = self.rest.split(b"\n", 1)
        return line

    def close(self):
        self.stream.close()
        Engine.post(f"/containers/{self.container}/kill")
