"""What every gateway needs that a test or a measurement starts: a home, a server in it, a port."""

import json
import os
import pathlib
import socket


def home(folder, name, entry):
    """Enables one server in this folder; gives the environment of a gateway that lives there."""
    docker = pathlib.Path(folder, ".docker")
    (docker / "mcp/catalogs").mkdir(parents=True, exist_ok=True)
    catalog = {"name": "here", "registry": {name: entry}}
    (docker / "mcp/catalogs/docker-mcp.yaml").write_text(json.dumps(catalog))
    (docker / "mcp/registry.yaml").write_text(json.dumps({"registry": {name: {"ref": ""}}}))
    kept = {key: os.environ[key] for key in ("PATH", "DOCKER_HOST") if key in os.environ}
    return kept | {"HOME": str(folder), "DOCKER_CONFIG": str(docker)}


def container(image):
    """A long-lived server in a container, as an entry of a catalog."""
    return {"type": "server", "image": image, "longLived": True, "disableNetwork": True}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
