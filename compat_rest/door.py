"""The door for legacy clients: an ASGI application for each surface."""

import asyncio
import logging

from starlette.types import Receive, Scope, Send

from compat_rest.contract.expressions import Scope as Values
from compat_rest.dialects.base import Match
from compat_rest.endpoint import ContextFor, answer_to
from compat_rest.engine import Served
from compat_rest.http import Reply, Request
from compat_rest.identity.chain import Identity, Revocations
from compat_rest.identity.flask_session import Session
from compat_rest.refusal import Refusal

logger = logging.getLogger(__name__)


class SurfaceDoor:
    """Answers every request to one surface in its dialect."""

    def __init__(
        self,
        served: Served,
        *,
        revocations: Revocations,
        context_for: ContextFor,
        max_body_bytes: int,
        timeout: float,
    ) -> None:
        self.served = served
        self.identity = Identity(served.surface.identity, revocations)
        self._context_for = context_for
        self._max_body_bytes = max_body_bytes
        self._timeout = timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one HTTP request; `scope["surface_prefix"]` is what its path has before the legacy one."""
        prefix = scope.get("surface_prefix", "")
        request = Request(scope, receive, prefix, self._max_body_bytes)
        labels = scope.setdefault("state", {})
        labels["surface"], labels["door"] = self.served.surface.name, "rest"
        try:
            async with asyncio.timeout(self._timeout):
                reply = await self._answer(request, scope)
        except TimeoutError:
            reply = self._refused("TIMEOUT", request)
        except Exception:
            # The last line of defence: the client gets the dialect's page, the log gets the reason.
            logger.exception("A request to %s failed.", self.served.surface.name)
            reply = self._refused("INTERNAL", request)
        await reply.send(send, body=request.method != "HEAD")

    async def _answer(self, request: Request, scope: Scope) -> Reply:
        try:
            session = self.identity.open(request.headers("cookie"))
        except Refusal as refusal:
            return self._refused(refusal.code, request)
        reply = await self._routed(request, session, scope)
        await self.identity.save(session, reply)
        return reply

    async def _routed(self, request: Request, session: Session, scope: Scope) -> Reply:
        matched = self.served.dialect.match(request)
        if not isinstance(matched, Match):
            return matched
        scope["state"]["operation"] = matched.operation.id
        request.path_values = matched.path_values
        endpoint = self.served.endpoints[matched.operation.id]
        return await endpoint.handle(request, session, self.identity, self.served.dialect, self._context_for)

    def _refused(self, code: str, request: Request) -> Reply:
        row = self.served.errors.row(code, of_document=False)
        return answer_to(code, row, Values(request), self.served.dialect)
