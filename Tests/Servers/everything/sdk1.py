"""The server on version 1.x of the official SDK: the handshake revisions."""

import weakref

from mcp import McpError, types
from mcp.server.lowlevel import NotificationOptions, Server
from mcp.server.lowlevel.server import request_ctx
from mcp.shared.message import ServerMessageMetadata

import behaviour
import offered

RESULTS = {
    "sampling/createMessage": types.CreateMessageResult,
    "elicitation/create": types.ElicitResult,
    "roots/list": types.ListRootsResult,
}


def plain(model):
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


class Session:
    """What the server keeps for one client."""

    def __init__(self):
        self.level = 0
        self.subscriptions = set()


class Peer(behaviour.Peer):
    modern = False

    def __init__(self, sessions):
        self.context = request_ctx.get()
        self.session = self.context.session
        self.state = sessions.setdefault(self.session, Session())
        self.token = getattr(self.context.meta, "progressToken", None)
        meta = plain(self.context.meta) if self.context.meta else {}
        self.meta = {key: value for key, value in meta.items() if key != "progressToken"}

    async def progress(self, progress, total=None, message=None):
        if self.token is not None:
            await self.session.send_progress_notification(
                self.token,
                progress,
                total,
                message,
                related_request_id=str(self.context.request_id),
            )

    async def log(self, level, data, logger):
        if offered.LEVELS.index(level) >= self.state.level:
            await self.session.send_log_message(
                level, data, logger, related_request_id=self.context.request_id
            )

    async def ask(self, key, method, params):
        request = types.ServerRequest.model_validate({"method": method, "params": params})
        related = ServerMessageMetadata(related_request_id=self.context.request_id)
        try:
            return plain(
                await self.session.send_request(request, RESULTS[method], metadata=related)
            )
        except McpError as error:
            return {"error": plain(error.error)}

    async def tools_changed(self):
        await self.session.send_tool_list_changed()

    async def resource_updated(self, uri):
        if uri in self.state.subscriptions:
            await self.session.send_resource_updated(uri)


class EverythingServer(Server):
    # The SDK cannot say these two.
    def create_initialization_options(self, *_):
        changes = NotificationOptions(
            prompts_changed=True, resources_changed=True, tools_changed=True
        )
        options = super().create_initialization_options(
            changes, {"example.com/trial": {"level": 2}}
        )
        options.capabilities.resources.subscribe = True
        return options


def make():
    server = EverythingServer(
        offered.NAME,
        offered.VERSION,
        offered.INSTRUCTIONS,
        "https://example.com/",
        [types.Icon(**icon) for icon in offered.ICONS],
    )
    everything = behaviour.Everything()
    sessions = weakref.WeakKeyDictionary()

    def serve(request_type, result_type, answer):
        async def handle(request):
            params = plain(request.params) if getattr(request, "params", None) else {}
            try:
                result = await answer(Peer(sessions), params)
            except behaviour.ProtocolFailure as failure:
                raise McpError(
                    types.ErrorData(code=failure.code, message=failure.message, data=failure.data)
                ) from failure
            return types.ServerResult(result_type.model_validate(result))

        server.request_handlers[request_type] = handle

    def serve_list(request_type, result_type, kind):
        async def answer(peer, params):
            return everything.page(kind, params.get("cursor"))

        serve(request_type, result_type, answer)

    async def subscribe(peer, params):
        peer.state.subscriptions.add(params["uri"])
        return {}

    async def unsubscribe(peer, params):
        peer.state.subscriptions.discard(params["uri"])
        return {}

    async def set_level(peer, params):
        peer.state.level = offered.LEVELS.index(params["level"])
        return {}

    serve_list(types.ListToolsRequest, types.ListToolsResult, "tools")
    serve_list(types.ListPromptsRequest, types.ListPromptsResult, "prompts")
    serve_list(types.ListResourcesRequest, types.ListResourcesResult, "resources")
    serve_list(
        types.ListResourceTemplatesRequest, types.ListResourceTemplatesResult, "resourceTemplates"
    )
    serve(
        types.CallToolRequest,
        types.CallToolResult,
        lambda peer, params: everything.call(peer, params["name"], params.get("arguments", {})),
    )
    serve(
        types.ReadResourceRequest,
        types.ReadResourceResult,
        lambda peer, params: everything.read(peer, params["uri"]),
    )
    serve(
        types.GetPromptRequest,
        types.GetPromptResult,
        lambda peer, params: everything.prompt(peer, params["name"], params.get("arguments", {})),
    )
    serve(
        types.CompleteRequest,
        types.CompleteResult,
        lambda peer, params: everything.complete(
            params["ref"], params["argument"], params.get("context", {}).get("arguments", {})
        ),
    )
    serve(types.SubscribeRequest, types.EmptyResult, subscribe)
    serve(types.UnsubscribeRequest, types.EmptyResult, unsubscribe)
    serve(types.SetLevelRequest, types.EmptyResult, set_level)
    return server


def streaming_app(server):
    import contextlib

    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
    from starlette.applications import Starlette
    from starlette.routing import Route

    manager = StreamableHTTPSessionManager(server)

    @contextlib.asynccontextmanager
    async def lifespan(_):
        async with manager.run():
            yield

    class Endpoint:  # not a function, which the framework would call with a request
        async def __call__(self, scope, receive, send):
            await manager.handle_request(scope, receive, send)

    return Starlette(routes=[Route("/mcp", Endpoint())], lifespan=lifespan)
