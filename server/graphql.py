"""The graph's own door: /graphql over HTTP and WebSocket, with the credentials of every surface."""

import json
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from json import JSONDecodeError
from typing import Any

import orjson
from cross_web import HTTPException
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError, MissingQueryError
from strawberry.http import GraphQLHTTPResponse, process_result
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from compat_rest.depth import is_deeper
from compat_rest.identity.chain import Identity
from compat_rest.refusal import Refusal
from models.errors import Invalid, Overloaded
from models.joins import Reads
from schema.context import Caller, Context
from schema.execution.seams import Schema
from server.contexts import PUBLIC_PAGE, Contexts
from server.pages import graphiql
from server.pages.assets import Assets

MAX_JSON_DEPTH = 64
PATH = "/graphql"
JSON = b"application/json"
# What may be asked by POST.
POSTED = tuple(OperationType.from_http("POST"))


@dataclass
class WebContext(Context):
    """A request's context, and what a WebSocket client said when it connected."""

    connection_params: Any = field(default=None, repr=False)


class Messages(BaseGraphQLTransportWSHandler[Context, None]):
    """The messages of one WebSocket, of which those of another shape than the protocol's end it."""

    async def handle_message(self, message: Any) -> None:
        """Takes a message, or closes the connection as the protocol asks."""
        if is_message(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Failed to parse message")

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        """Runs one operation, at its own time and with what it reads itself."""
        alone = copy(self)
        alone.context = replace(self.context, now=datetime.now(UTC), reads=Reads())
        await super(Messages, alone).run_operation(operation)


class GraphQLDoor(GraphQL[Context, None]):
    """Strawberry's application with this server's identity, page and limits."""

    graphql_transport_ws_handler_class = Messages

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
            try:
                return await super().__call__(scope, receive, send)
            except Overloaded as overloaded:
                # Who calls cannot be told right now; clients try again after this code.
                return await send({"type": "websocket.close", "code": 1013, "reason": overloaded.code})
        try:
            response = await self.run(Request(scope, receive))
        except HTTPException as refused:
            response = refusal(refused)
        except Overloaded as overloaded:
            response = refused_as(503, overloaded.message, overloaded.code)
        await response(scope, receive, send)

    async def usual(self, scope: Scope, body: bytes) -> bytes | None:
        """The answer to one operation in JSON, by the short way; None where Strawberry's view is to answer.

        It is the view's answer byte for byte. The view is slower, since it knows every kind of request.
        """
        try:
            asked = self.parse_json(body)
        except HTTPException:
            return None
        if type(asked) is not dict:
            return None
        query, variables = asked.get("query"), asked.get("variables")
        name, extensions = asked.get("operationName"), asked.get("extensions")
        if not (
            type(query) is str
            and (variables is None or type(variables) is dict)
            and (name is None or type(name) is str)
            and (extensions is None or type(extensions) is dict)
        ):
            return None
        authorization: str | None = None
        cookies = []
        for key, value in scope["headers"]:
            if key == b"cookie":
                cookies.append(value.decode("latin-1"))
            elif key == b"authorization" and authorization is None:
                authorization = value.decode("latin-1")
        try:
            context = await self.context(authorization, cookies)
        except Overloaded:
            return None
        try:
            result = await self.schema.execute(query, variables, context, None, name, POSTED, extensions)
        except (MissingQueryError, CannotGetOperationTypeError, InvalidOperationTypeError):
            # Nothing was run; the view words the refusal.
            return None
        if result.errors:
            note_code(scope, result.errors)
        return to_json(process_result(result))

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """The answer to a request of the view."""
        if result.errors:
            note_code(request.scope, result.errors)
        return await super().process_result(request, result)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        """The context of a request; a credential that is not valid leaves its caller unknown."""
        return await self.context(request.headers.get("authorization"), request.headers.getlist("cookie"))

    async def context(self, authorization: str | None, cookies: list[str]) -> Context:
        """The context of a request with these credentials."""
        caller = await self.caller(authorization, cookies) if authorization or cookies else None
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

    def parse_json(self, data: str | bytes) -> Any:
        """The JSON of a request; raises HTTPException for a body that is neither an object nor a list."""
        asked = super().parse_json(data)
        # What is no body comes as text.
        if isinstance(data, bytes) and type(asked) not in (dict, list):
            raise HTTPException(400, "A request is a JSON object.")
        return asked

    def decode_json(self, data: str | bytes) -> object:
        """The JSON of a request or a message; raises JSONDecodeError, also for what nests too deep."""
        if is_deeper(data, MAX_JSON_DEPTH):
            raise JSONDecodeError(f"It nests deeper than {MAX_JSON_DEPTH}", "", 0)
        try:
            return super().decode_json(data)
        except ValueError as error:
            # Bytes that are no Unicode, and numbers of thousands of digits.
            raise JSONDecodeError(str(error), "", 0) from error

    def encode_json(self, data: object) -> str:
        """The text of an answer, for messages, whose protocol has no bytes."""
        return to_json(data).decode()

    async def render_graphql_ide(self, request: Request) -> Response:
        """GraphiQL, from this host alone."""
        return graphiql.page(PATH, assets=self._assets)


def note_code(scope: Scope, errors: Sequence[GraphQLError]) -> None:
    """Leaves the code of the first error where metrics look for it."""
    code = (errors[0].extensions or {}).get("code")
    scope.setdefault("state", {})["code"] = code


def is_message(message: Any) -> bool:
    """Whether a message of a WebSocket has the shape that Strawberry takes for granted."""
    if not isinstance(message, dict) or not isinstance(message.get("id", ""), str):
        return False
    payload = message.get("payload")
    return message.get("type") != "subscribe" or (
        isinstance(payload, dict)
        and isinstance(payload.get("query"), str)
        and isinstance(payload.get("variables"), dict | None)
        and isinstance(payload.get("operationName"), str | None)
    )


def to_json(data: object) -> bytes:
    """An answer in JSON."""
    try:
        return orjson.dumps(data)
    except orjson.JSONEncodeError:
        # Whole numbers of more than 64 bits, and text with a lone surrogate.
        return json.dumps(data, separators=(",", ":")).encode()


def refusal(refused: HTTPException) -> Response:
    """The answer to a request that is no GraphQL request."""
    headers = {"Allow": "GET, POST"} if refused.status_code == 405 else None
    return refused_as(refused.status_code, refused.reason, Invalid.code, headers)


def refused_as(status: int, message: str, code: str, headers: Mapping[str, str] | None = None) -> Response:
    """A refusal in GraphQL's form."""
    error = {"message": message, "extensions": {"code": code}}
    return JSONResponse({"errors": [error]}, status, headers)
