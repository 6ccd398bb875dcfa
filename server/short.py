"""The short way of a usual GraphQL request: JSON of an announced size, by POST.

The house's layers cost such a request as much as its document does. What they do is done here at once, and
whatever is not usual is left to them; the answer is theirs, byte for byte.
"""

import asyncio
from collections.abc import Awaitable, Mapping

import structlog
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from compat_rest.deadlines import Deadlines
from server.graphql import JSON, PATH, GraphQLDoor
from server.limits import COUNTED, AsyncLimiter, raw
from server.middleware import POLICIES, SecurityHeaders, announced_size, too_slow

logger = structlog.get_logger(__name__)


class ShortWay:
    """Answers usual requests to /graphql; the others, and every refusal, are the application's."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        door: GraphQLDoor,
        limiter: AsyncLimiter,
        name: str,
        limit: int,
        seconds: float,
        policies: Mapping[str, str] = POLICIES,
    ) -> None:
        self.app = app
        self.door = door
        self.limiter = limiter
        self.name = name
        self.limit = limit
        self.deadlines = Deadlines(seconds)
        self.policies = raw(policies)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Has a request answered; as no coroutine, it costs others next to nothing."""
        if scope["type"] == "http" and scope["path"] == PATH and self.is_usual(scope):
            return self.answer(scope, receive, send)
        return self.app(scope, receive, send)

    def is_usual(self, scope: Scope) -> bool:
        """Whether a request is a POST of JSON that is not too large."""
        if scope["method"] != "POST":
            return False
        kinds = [value for key, value in scope["headers"] if key == b"content-type"]
        if len(kinds) != 1 or kinds[0].partition(b";")[0].strip() != JSON:
            return False
        return 0 < announced_size(scope) <= self.limit

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        deadline = self.deadlines.begin()
        body = answer = verdict = None
        try:
            verdict = await self.limiter.check_request(self.name, HTTPConnection(scope))
            if verdict is None or verdict.allowed:
                body = await body_of(receive)
                answer = await self.door.usual(scope, body)
        except asyncio.CancelledError:
            if not deadline.passed():
                raise
            logger.warning("request timed out", path=PATH, seconds=self.deadlines.seconds, started=False)
            return await SecurityHeaders(too_slow(scope))(scope, receive, send)
        except Exception:
            # As Starlette answers what nobody expected; the server writes it down.
            await PlainTextResponse("Internal Server Error", 500)(scope, receive, send)
            raise
        finally:
            self.deadlines.end(deadline)
        if answer is None:
            # It has been counted, and its body has been read.
            scope.setdefault("state", {})[COUNTED] = verdict
            return await self.app(scope, receive if body is None else again(body, receive), send)
        headers = [
            (b"content-length", b"%d" % len(answer)),
            (b"content-type", JSON),
            *(raw(verdict.headers()) if verdict else ()),
            *self.policies,
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


async def body_of(receive: Receive) -> bytes:
    """The whole body of a request; raises ClientDisconnect."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def again(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read to the next who reads it, and then whatever comes."""
    whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receiving() -> Message:
        return whole.pop() if whole else await receive()

    return receiving
