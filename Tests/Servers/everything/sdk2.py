"""The server on version 2.x of the official SDK: the handshake revisions and 2026-07-28."""

import base64
import json
import warnings
import weakref

import mcp_types as types
from mcp import MCPError
from mcp.server.caching import CacheHint
from mcp.server.lowlevel import NotificationOptions, Server
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    ResourceUpdated,
    ToolsListChanged,
)
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp.shared.message import ServerMessageMetadata
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import TypeAdapter

import behaviour
import offered

warnings.simplefilter("ignore", MCPDeprecationWarning)

REQUESTS = {
    "sampling/createMessage": types.CreateMessageRequest,
    "elicitation/create": types.ElicitRequest,
    "roots/list": types.ListRootsRequest,
}
RESULTS = {
    "sampling/createMessage": types.CreateMessageResult,
    "elicitation/create": types.ElicitResult,
    "roots/list": types.ListRootsResult,
}
PROTOCOL_KEYS = "io.modelcontextprotocol/"


def plain(model):
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


class Session:
    """What the server keeps for one client of a handshake revision."""

    def __init__(self):
        self.level = 0
        self.subscriptions = set()


class Unanswered(Exception):
    """The request ends here and comes again with an answer (multi round-trip)."""

    def __init__(self, key, request, state):
        super().__init__(key)
        self.result = {
            "resultType": "input_required",
            "inputRequests": {key: request},
            "requestState": state,
        }


class Peer(behaviour.Peer):
    def __init__(self, context, params, sessions, bus):
        self.context, self.bus = context, bus
        self.session = context.session
        self.modern = context.protocol_version in MODERN_PROTOCOL_VERSIONS
        self.state = sessions.setdefault(self.session._connection, Session())
        raw = (context.params or {}).get("_meta") or {}
        self.meta = {
            key: value
            for key, value in raw.items()
            if key != "progressToken" and not key.startswith(PROTOCOL_KEYS)
        }
        # The client holds what was answered in earlier rounds; the server remembers nothing.
        state = getattr(params, "request_state", None)
        self.answers = json.loads(base64.b64decode(state)) if state else {}
        self.answers |= (context.params or {}).get("inputResponses") or {}

    async def progress(self, progress, total=None, message=None):
        await self.session.report_progress(progress, total, message)

    async def log(self, level, data, logger):
        if self.modern or offered.LEVELS.index(level) >= self.state.level:
            await self.session.send_log_message(
                level, data, logger, related_request_id=self.context.request_id
            )

    async def ask(self, key, method, params):
        request = {"method": method, "params": params}
        if self.modern:
            if key in self.answers:
                return self.answers[key]
            state = base64.b64encode(json.dumps(self.answers).encode()).decode()
            raise Unanswered(key, request, state)
        related = ServerMessageMetadata(related_request_id=self.context.request_id)
        model = TypeAdapter(REQUESTS[method]).validate_python(request)
        try:
            return plain(await self.session.send_request(model, RESULTS[method], metadata=related))
        except MCPError as error:
            return {"error": plain(error.error)}

    async def tools_changed(self):
        await self.bus.publish(ToolsListChanged())
        if not self.modern:
            await self.session.send_tool_list_changed()

    async def resource_updated(self, uri):
        await self.bus.publish(ResourceUpdated(uri=uri))
        if uri in self.state.subscriptions:
            await self.session.send_resource_updated(uri)


class EverythingServer(Server):
    def create_initialization_options(self, *_):
        changes = NotificationOptions(
            prompts_changed=True, resources_changed=True, tools_changed=True
        )
        return super().create_initialization_options(changes, {"example.com/trial": {"level": 2}})


def make():
    everything = behaviour.Everything()
    sessions = weakref.WeakKeyDictionary()
    bus = InMemorySubscriptionBus()
    hint = CacheHint(ttl_ms=0, scope="private")
    listings = (
        "tools/list",
        "prompts/list",
        "resources/list",
        "resources/templates/list",
        "resources/read",
    )
    server = EverythingServer(
        offered.NAME,
        version=offered.VERSION,
        instructions=offered.INSTRUCTIONS,
        website_url="https://example.com/",
        icons=[types.Icon.model_validate(icon) for icon in offered.ICONS],
        cache_hints=dict.fromkeys(listings, hint),
        get_tool_input_schema=lambda name: next(
            (tool["inputSchema"] for tool in offered.TOOLS if tool["name"] == name), None
        ),
        on_subscriptions_listen=ListenHandler(bus),
    )

    def serve(method, params_type, answer):
        async def handle(context, params):
            try:
                peer = Peer(context, params, sessions, bus)
                result = await answer(peer, plain(params) if params else {})
                return {"resultType": "complete", **result} if peer.modern else result
            except Unanswered as question:
                return question.result
            except behaviour.ProtocolFailure as failure:
                raise MCPError(failure.code, failure.message, failure.data) from failure

        server.add_request_handler(method, params_type, handle)

    def serve_list(method, kind):
        async def answer(peer, params):
            return everything.page(kind, params.get("cursor"))

        serve(method, types.PaginatedRequestParams, answer)

    async def subscribe(peer, params):
        peer.state.subscriptions.add(params["uri"])
        return {}

    async def unsubscribe(peer, params):
        peer.state.subscriptions.discard(params["uri"])
        return {}

    async def set_level(peer, params):
        peer.state.level = offered.LEVELS.index(params["level"])
        return {}

    serve_list("tools/list", "tools")
    serve_list("prompts/list", "prompts")
    serve_list("resources/list", "resources")
    serve_list("resources/templates/list", "resourceTemplates")
    serve(
        "tools/call",
        types.CallToolRequestParams,
        lambda peer, params: everything.call(peer, params["name"], params.get("arguments", {})),
    )
    serve(
        "resources/read",
        types.ReadResourceRequestParams,
        lambda peer, params: everything.read(peer, params["uri"]),
    )
    serve(
        "prompts/get",
        types.GetPromptRequestParams,
        lambda peer, params: everything.prompt(peer, params["name"], params.get("arguments", {})),
    )
    serve(
        "completion/complete",
        types.CompleteRequestParams,
        lambda peer, params: everything.complete(
            params["ref"], params["argument"], params.get("context", {}).get("arguments", {})
        ),
    )
    serve("resources/subscribe", types.SubscribeRequestParams, subscribe)
    serve("resources/unsubscribe", types.UnsubscribeRequestParams, unsubscribe)
    serve("logging/setLevel", types.SetLevelRequestParams, set_level)
    return server


def streaming_app(server):
    return server.streamable_http_app()
