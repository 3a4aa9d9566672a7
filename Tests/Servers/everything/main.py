"""A server that uses every feature of the protocol, on the official SDK that is installed.

usage: main.py stdio
       main.py streaming|sse PORT     on loopback, at /mcp or /sse
"""

import importlib.metadata
import sys

import anyio

if importlib.metadata.version("mcp").startswith("1."):
    import sdk1 as sdk
else:
    import sdk2 as sdk


async def serve_stdio(server):
    from mcp.server.stdio import stdio_server

    async with stdio_server() as (reader, writer):
        await server.run(reader, writer, server.create_initialization_options())


def sse_app(server):
    from mcp.server.sse import SseServerTransport
    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.routing import Mount, Route

    transport = SseServerTransport("/messages/")

    async def connect(request):
        async with transport.connect_sse(request.scope, request.receive, request._send) as (
            reader,
            writer,
        ):
            await server.run(reader, writer, server.create_initialization_options())
        return Response()

    return Starlette(
        routes=[Route("/sse", connect), Mount("/messages/", app=transport.handle_post_message)]
    )


def serve_http(server, transport, port):
    import uvicorn

    app = sdk.streaming_app(server) if transport == "streaming" else sse_app(server)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1)


def main():
    match sys.argv[1:]:
        case ["stdio"]:
            anyio.run(serve_stdio, sdk.make())
        case ["streaming" | "sse" as transport, port]:
            serve_http(sdk.make(), transport, int(port))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
