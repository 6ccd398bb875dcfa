"""The graph's own door: /graphql over HTTP and WebSocket, with the credentials of every surface."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from json import JSONDecodeError
from typing import Any

from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError

from compat_rest.depth import is_deeper
from compat_rest.identity.chain import Identity
from compat_rest.refusal import Refusal
from models.errors import Invalid
from schema.context import Caller, Context
from schema.errors import Schema
from server.contexts import PUBLIC_PAGE, Contexts
from server.pages import graphiql
from server.pages.assets import Assets

MAX_JSON_DEPTH = 64
PATH = "/graphql"


@dataclass
class WebContext(Context):
    """A request's context, and what a WebSocket client said when it connected."""

    connection_params: Any = field(default=None, repr=False)


class GraphQLDoor(GraphQL[Context, None]):
    """Strawberry's application with this server's identity, page and limits."""

    def __init__(
        self, schema: Schema, *, identities: Sequence[Identity], contexts: Contexts, assets: Assets
    ) -> None:
        super().__init__(schema, subscription_protocols=("graphql-transport-ws",))
        self._identities = identities
        self._contexts = contexts
        self._assets = assets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request or a WebSocket; what is no GraphQL request is refused in GraphQL's form."""
        if scope["type"] != "http":
            return await super().__call__(scope, receive, send)
        try:
            response = await self.run(Request(scope, receive))
        except HTTPException as refused:
            response = refusal(refused)
        await response(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """The context of a request; a credential that is not valid leaves its caller unknown."""
        caller = await self.caller(request.headers.get("authorization"), request.headers.getlist("cookie"))
        return self._contexts.made(WebContext, caller, datetime.now(UTC), PUBLIC_PAGE)

    async def caller(self, authorization: str | None, cookies: list[str]) -> Caller | None:
        """Who calls, by the first surface that recognises a valid credential."""
        for identity in self._identities:
            try:
                return await identity.caller(authorization, identity.open(cookies))
            except Refusal:
                continue
        return None

    async def on_ws_connect(self, context: Context) -> Any:
        """Takes a bearer token from the connection's payload, where browsers can put one."""
        params = context.connection_params if isinstance(context, WebContext) else None
        if not isinstance(params, dict):
            return {}
        authorization = next(
            (value for name, value in params.items() if name.lower() == "authorization"), None
        )
        if authorization is not None:
            context.caller = await self.caller(str(authorization), [])
            if context.caller is None:
                raise ConnectionRejectionError({"code": "NOT_SIGNED_IN"})
            context.revoke = self._contexts.revoking(context.caller)
        return {}

    def decode_json(self, data: str | bytes) -> object:
        """The JSON of a request or a message; raises JSONDecodeError, also for what nests too deep."""
        if is_deeper(data, MAX_JSON_DEPTH):
            raise JSONDecodeError(f"It nests deeper than {MAX_JSON_DEPTH}", "", 0)
        try:
            return super().decode_json(data)
        except ValueError as error:
            # Bytes that are no Unicode, and numbers of thousands of digits.
            raise JSONDecodeError(str(error), "", 0) from error

    async def render_graphql_ide(self, request: Request) -> Response:
        """GraphiQL, from this host alone."""
        return graphiql.page(PATH, assets=self._assets)


def refusal(refused: HTTPException) -> Response:
    """The answer to a request that is no GraphQL request."""
    error = {"message": refused.reason, "extensions": {"code": Invalid.code}}
    headers = {"Allow": "GET, POST"} if refused.status_code == 405 else None
    return JSONResponse({"errors": [error]}, refused.status_code, headers)
