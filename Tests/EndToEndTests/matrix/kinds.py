"""The public clients, behind one interface that speaks plain JSON."""

import abc
import contextlib
import importlib
import json
import warnings

import anyio

# The older ways are used on purpose.
warnings.simplefilter("ignore")

LEVEL_KEY = "io.modelcontextprotocol/logLevel"
CHANGES = ("notifications/tools/list_changed", "notifications/resources/updated")

ROOTS = [
    {"uri": "file:///home/ada/project", "name": "project"},
    {"uri": "file:///srv/%F0%9F%98%80"},
]
FORM = {
    "name": "Zoë \U0001f600",
    "mail": "zoe@example.com",
    "age": 41,
    "share": 0.25,
    "agree": False,
    "titled": "y",
    "many": ["red", "blue"],
}


def plain(model):
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


class Client(abc.ABC):
    """Connects, asks, and remembers what the server sent unasked."""

    fails: type

    def __init__(self):
        self.progress, self.logs, self.changes, self.asked = [], [], [], []
        self.modern = False

    # What the server sends

    async def on_progress(self, progress, total=None, message=None):
        self.progress.append([progress, total, message])

    async def on_log(self, params):
        self.logs.append({key: value for key, value in plain(params).items() if key != "_meta"})

    def on_change(self, notification):
        if notification.get("method") in CHANGES:
            self.changes.append(
                [notification["method"], (notification.get("params") or {}).get("uri")]
            )

    async def on_message(self, message):
        inner = getattr(message, "root", message)
        if hasattr(inner, "method") and not hasattr(message, "respond"):
            self.on_change(plain(inner))

    def model_answers(self, params):
        self.remember("sampling", params)
        content = {"type": "text", "text": "Words \u2028 \U0001f600"}
        return {
            "role": "assistant",
            "content": content,
            "model": "small-1",
            "stopReason": "endTurn",
        }

    def user_answers(self, params):
        self.remember("elicitation", params)
        # A gateway puts the name of the server before it.
        match params["message"].rpartition("] ")[2]:
            case "Who are you?":
                return {"action": "accept", "content": FORM}
            case "Which colour?":
                return {"action": "accept", "content": {"colour": "blue"}}
            case "Really?":
                return {"action": "decline"}
        return {"action": "accept"}

    def remember(self, kind, params):
        # How the protocol carries the question differs between the eras; what is asked must not.
        seen = {
            key: value
            for key, value in params.items()
            if key not in ("_meta", "elicitationId", "task")
        }
        if kind == "elicitation":
            seen.setdefault("mode", "form")
        self.asked.append([kind, seen])

    # What the client asks

    @abc.abstractmethod
    def connected(self, transport, target):
        """A context in which the client is connected; gives what it learned of the server."""

    @abc.abstractmethod
    async def page(self, kind, cursor): ...

    @abc.abstractmethod
    async def call(self, tool, arguments, meta=None): ...

    @abc.abstractmethod
    async def read(self, uri): ...

    @abc.abstractmethod
    async def prompt(self, name, arguments): ...

    @abc.abstractmethod
    async def complete(self, ref, argument, context): ...

    @abc.abstractmethod
    def session(self): ...

    async def everything(self, kind):
        items, cursor, seen = [], None, set()
        while True:
            page = await self.page(kind, cursor)
            items += page[kind]
            cursor = page.get("nextCursor")
            if cursor is None:
                return items
            if cursor in seen:
                raise ValueError(f"the cursor {cursor!r} came twice")
            seen.add(cursor)

    async def call_at_level(self, tool, level):
        if self.modern:
            return await self.call(tool, {}, {LEVEL_KEY: level})
        await self.session().set_logging_level(level)
        return await self.call(tool, {})

    async def ping(self):
        if not self.modern:
            await self.session().send_ping()
        return {}

    @contextlib.asynccontextmanager
    async def watching(self, uri):
        """Changes of tools and of this resource are told while this lasts."""
        if not self.modern:
            await self.session().subscribe_resource(self.uri(uri))
            yield
            await self.session().unsubscribe_resource(self.uri(uri))
            return
        from mcp.client.subscriptions import listen
        from mcp.shared.subscriptions import event_to_notification

        async def follow(subscription):
            async for event in subscription:
                self.on_change(plain(event_to_notification(event, {})))

        async with anyio.create_task_group() as group:
            async with listen(
                self.session(), tools_list_changed=True, resource_subscriptions=[uri]
            ) as subscription:
                group.start_soon(follow, subscription)
                yield
            group.cancel_scope.cancel()

    def uri(self, text):
        return text

    async def abandon(self, tool, arguments):
        """Cancels a call that has begun."""
        begun = len(self.progress)
        async with anyio.create_task_group() as group:
            number = getattr(self.session(), "_request_id", None)
            group.start_soon(self.call, tool, arguments)
            with anyio.fail_after(20):
                while len(self.progress) == begun:
                    await anyio.sleep(0.01)
            if self.must_tell_of_cancellation:
                await self.tell_of_cancellation(number)
            group.cancel_scope.cancel()
        return {}

    # Version 1.x of the SDK stops waiting but does not tell the server; its users do it themselves.
    must_tell_of_cancellation = False

    async def tell_of_cancellation(self, number):
        raise NotImplementedError


class SDK(Client):
    """The client of the official SDK; what its versions share."""

    types = None

    async def sampling(self, context, params):
        return self.sampled(self.model_answers(plain(params)), params)

    def sampled(self, answer, params):
        if "refuse" in json.dumps(plain(params)):
            return self.types.ErrorData(code=-1, message="User rejected sampling request")
        return self.types.CreateMessageResult.model_validate(answer)

    async def elicitation(self, context, params):
        return self.types.ElicitResult.model_validate(self.user_answers(plain(params)))

    async def roots(self, context):
        self.remember("roots", {})
        return self.types.ListRootsResult.model_validate({"roots": ROOTS})

    def callbacks(self):
        return {
            "sampling_callback": self.sampling,
            "elicitation_callback": self.elicitation,
            "list_roots_callback": self.roots,
            "logging_callback": self.on_log,
            "message_handler": self.on_message,
        }

    @contextlib.asynccontextmanager
    async def streams(self, transport, target):
        from mcp import StdioServerParameters
        from mcp.client.sse import sse_client
        from mcp.client.stdio import stdio_client
        from mcp.client.streamable_http import streamable_http_client
        from mcp.shared._httpx_utils import create_mcp_http_client

        if transport == "stdio":
            command = target["command"]
            server = StdioServerParameters(
                command=command[0], args=command[1:], env=target.get("env")
            )
            async with stdio_client(server) as pair:
                yield pair
            return
        headers = {"Authorization": "Bearer " + target["token"]} if "token" in target else {}
        if transport == "sse":
            async with sse_client(target["url"], headers=headers) as pair:
                yield pair
            return
        async with create_mcp_http_client(headers=headers) as http:
            async with streamable_http_client(target["url"], http_client=http) as parts:
                yield parts[0], parts[1]

    def ref(self, value):
        kind = (
            self.types.PromptReference
            if value["type"] == "ref/prompt"
            else self.types.ResourceTemplateReference
        )
        return kind.model_validate(value)


class SDK1(SDK):
    must_tell_of_cancellation = True

    def __init__(self):
        super().__init__()
        import mcp.types
        from mcp import McpError

        self.types, self.fails = mcp.types, McpError
        self.opened = None

    def session(self):
        return self.opened

    def uri(self, text):
        from pydantic import AnyUrl

        return AnyUrl(text)

    @contextlib.asynccontextmanager
    async def connected(self, transport, target):
        from mcp import ClientSession

        async with self.streams(transport, target) as (reader, writer):
            async with ClientSession(reader, writer, **self.callbacks()) as self.opened:
                yield plain(await self.opened.initialize())

    async def page(self, kind, cursor):
        params = None if cursor is None else self.types.PaginatedRequestParams(cursor=cursor)
        return plain(await getattr(self.opened, LISTS[kind])(params=params))

    async def call(self, tool, arguments, meta=None):
        return plain(
            await self.opened.call_tool(
                tool, arguments, progress_callback=self.on_progress, meta=meta
            )
        )

    async def read(self, uri):
        return plain(await self.opened.read_resource(self.uri(uri)))

    async def prompt(self, name, arguments):
        return plain(await self.opened.get_prompt(name, arguments))

    async def complete(self, ref, argument, context):
        return plain(await self.opened.complete(self.ref(ref), argument, context))

    async def tell_of_cancellation(self, number):
        params = self.types.CancelledNotificationParams(requestId=number, reason="abandoned")
        note = self.types.CancelledNotification(method="notifications/cancelled", params=params)
        await self.opened.send_notification(self.types.ClientNotification(note))


class SDK2(SDK):
    def __init__(self, mode="auto"):
        super().__init__()
        import mcp_types
        from mcp import MCPError

        self.types, self.fails, self.mode = mcp_types, MCPError, mode
        self.client = None

    def session(self):
        return self.client.session

    @contextlib.asynccontextmanager
    async def connected(self, transport, target):
        from mcp import Client as Whole

        whole = Whole(
            self.streams(transport, target), mode=self.mode, cache=None, **self.callbacks()
        )
        async with whole as self.client:
            self.modern = whole.protocol_version >= "2026"
            yield {
                "protocolVersion": whole.protocol_version,
                "capabilities": plain(whole.server_capabilities),
                "serverInfo": plain(whole.server_info) if whole.server_info else None,
                "instructions": whole.instructions,
            }

    async def page(self, kind, cursor):
        return plain(await getattr(self.client, LISTS[kind])(cursor=cursor))

    async def call(self, tool, arguments, meta=None):
        return plain(
            await self.client.call_tool(
                tool, arguments, progress_callback=self.on_progress, meta=meta
            )
        )

    async def read(self, uri):
        return plain(await self.client.read_resource(uri))

    async def prompt(self, name, arguments):
        return plain(await self.client.get_prompt(name, arguments))

    async def complete(self, ref, argument, context):
        return plain(await self.client.complete(self.ref(ref), argument, context))


class FastMCP(Client):
    """The client of fastmcp, the newest major version and the one before it."""

    def __init__(self, major):
        super().__init__()
        self.major = major
        if major >= 4:
            from mcp import MCPError as ProtocolError
        else:
            from mcp import McpError as ProtocolError
        self.fails = ProtocolError
        self.types = importlib.import_module("mcp_types" if major >= 4 else "mcp.types")
        self.must_tell_of_cancellation = major < 4
        self.client = None

    def session(self):
        return self.client.session

    def uri(self, text):
        from pydantic import AnyUrl

        return text if self.major >= 4 else AnyUrl(text)

    async def sampling(self, messages, params, context):
        answer = self.model_answers(plain(params))
        if "refuse" in json.dumps(plain(params)):
            raise ValueError("User rejected sampling request")
        return self.types.CreateMessageResult.model_validate(answer)

    async def elicitation(self, message, response_type, params, context):
        from fastmcp.client.elicitation import ElicitResult

        answer = self.user_answers(plain(params))
        return ElicitResult(action=answer["action"], content=answer.get("content"))

    def roots(self):
        async def handler(context):
            self.remember("roots", {})
            return [self.types.Root.model_validate(root) for root in ROOTS]

        return handler  # a method would not be taken for a function

    def transport(self, kind, target):
        from fastmcp.client.transports import SSETransport, StdioTransport, StreamableHttpTransport

        if kind == "stdio":
            command = target["command"]
            return StdioTransport(command[0], command[1:], env=target.get("env"), keep_alive=False)
        headers = {"Authorization": "Bearer " + target["token"]} if "token" in target else {}
        return (SSETransport if kind == "sse" else StreamableHttpTransport)(
            target["url"], headers=headers
        )

    @contextlib.asynccontextmanager
    async def connected(self, transport, target):
        from fastmcp import Client as Whole

        self.client = Whole(
            self.transport(transport, target),
            roots=self.roots(),
            sampling_handler=self.sampling,
            elicitation_handler=self.elicitation,
            log_handler=self.on_log,
            message_handler=self.on_message,
        )
        async with self.client:
            yield self.hello()

    def hello(self):
        if self.major < 4:
            return plain(self.client.initialize_result)
        session = self.client.session
        self.modern = session.protocol_version >= "2026"
        return {
            "protocolVersion": session.protocol_version,
            "capabilities": plain(session.server_capabilities),
            "serverInfo": plain(session.server_info) if session.server_info else None,
            "instructions": session.instructions,
        }

    async def page(self, kind, cursor):
        return plain(await getattr(self.client, LISTS[kind] + "_mcp")(cursor=cursor))

    async def call(self, tool, arguments, meta=None):
        return plain(
            await self.client.call_tool_mcp(
                tool, arguments, progress_handler=self.on_progress, meta=meta
            )
        )

    async def read(self, uri):
        return plain(await self.client.read_resource_mcp(uri))

    async def prompt(self, name, arguments):
        return plain(await self.client.get_prompt_mcp(name, arguments))

    async def complete(self, ref, argument, context):
        kind = (
            self.types.PromptReference
            if ref["type"] == "ref/prompt"
            else self.types.ResourceTemplateReference
        )
        return plain(await self.client.complete_mcp(kind.model_validate(ref), argument, context))

    async def tell_of_cancellation(self, number):
        await self.client.cancel(number, "abandoned")


LISTS = {
    "tools": "list_tools",
    "prompts": "list_prompts",
    "resources": "list_resources",
    "resourceTemplates": "list_resource_templates",
}
KINDS = {
    "mcp-1": SDK1,
    "mcp-2": SDK2,
    "mcp-2-legacy": lambda: SDK2("legacy"),
    "fastmcp-3": lambda: FastMCP(3),
    "fastmcp-4": lambda: FastMCP(4),
}
