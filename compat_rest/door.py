"""The door for legacy clients: an ASGI application for each surface."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.types import Receive, Scope, Send

from compat_rest import mounts
from compat_rest.contract.expressions import Scope as Values
from compat_rest.deadlines import Deadlines
from compat_rest.dialects.base import Match, Missing
from compat_rest.endpoint import ContextFor, answer_to
from compat_rest.engine import Served
from compat_rest.errors import LIMITED
from compat_rest.forms import clear
from compat_rest.http import Reply, Request
from compat_rest.identity.chain import Identity, Revocations, Ways, no_ways
from compat_rest.identity.flask_session import Session
from compat_rest.instead import Page
from compat_rest.limits import Count, uncounted
from compat_rest.otherwise import otherwise
from compat_rest.refusal import NoPage, Refusal
from models.errors import Overloaded

logger = logging.getLogger(__name__)

# Counts a request: None while it may pass, otherwise details for the texts of the refusal.
Limit = Callable[[Scope], Awaitable[Mapping[str, Any] | None]]
NO_PAGES: Mapping[str, Page] = {}


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
        limit: Limit | None = None,
        count: Count = uncounted,
        pages: Mapping[str, Page] = NO_PAGES,
        inner: "Callable[[str], SurfaceDoor] | None" = None,
        file_limit: int = 0,
        upload_timeout: float | None = None,
        ways: Ways = no_ways,
    ) -> None:
        self.served = served
        self.identity = Identity(served.surface.identity, revocations, ways)
        self._context_for = context_for
        self._max_body_bytes = max_body_bytes
        self._deadlines = Deadlines(timeout)
        self._slow = Deadlines(upload_timeout or timeout)
        self._file_limit = file_limit
        self._limit = limit
        self._count = count
        self._pages = pages
        self._inner = inner
        self._stepped = served.dialect.stepped
        self._run = self._pass if self._stepped else self._answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one HTTP request; `scope["surface_prefix"]` is what its path has before the legacy one."""
        request = Request(scope, receive, scope.get("surface_prefix", ""), self._max_body_bytes)
        request.pages = self._pages
        request.file_limit, request.linger = self._file_limit, self._linger
        state = scope.setdefault("state", {})
        state["surface"], state["door"] = self.served.surface.name, "rest"
        deadline = request.deadline = self._deadlines.begin()
        try:
            reply = await self._run(request, state)
        except asyncio.CancelledError:
            if not request.deadline.passed():
                raise
            reply = self._refused("TIMEOUT", request)
        except TimeoutError:
            reply = self._refused("TIMEOUT", request)
        except Overloaded as refusal:
            reply = self._refused(refusal.code, request)
        except Exception:
            # The last line of defence: the client gets the dialect's page, the log gets the reason.
            logger.exception("A request to %s failed.", self.served.surface.name)
            reply = self._refused("INTERNAL", request)
        finally:
            self._deadlines.end(deadline)
            if request.deadline is not deadline:
                self._slow.end(request.deadline)
            if request.uploads:
                await clear(request.uploads)
        if self._stepped and not reply.finished:
            reply = await self.served.dialect.finish(request, reply)
        if reply.code is not None:
            state["code"] = reply.code
        await reply.send(send, body=request.method != "HEAD")

    def _linger(self, request: Request) -> None:
        """Gives a request the time of one that brings files."""
        self._deadlines.end(request.deadline)
        request.deadline = self._slow.begin()

    async def _pass(self, request: Request, state: dict[str, Any]) -> Reply:
        """The answer, as it leaves, where every request passes the steps of its surface first."""
        dialect = self.served.dialect
        try:
            reply = await dialect.before(request, self._count)
            if reply is None:
                reply = await self._mounted(request, state) or await self._answer(request, state)
        except Refusal as refusal:
            reply = self._refused(refusal.code, request, refusal.details)
        return reply if reply.finished else await dialect.finish(request, reply)

    async def _mounted(self, request: Request, state: dict[str, Any]) -> Reply | None:
        """The answer of the surface that is mounted at a path."""
        for mount in self.served.surface.mounts:
            inside = mounts.inner_path(mount, request.raw.decode("latin-1").removeprefix(request.prefix))
            if inside is not None and self._inner is not None:
                door = self._inner(mount.surface)
                return mounts.laid_over(await door.answer_inside(request, inside, state), request)
        return None

    async def answer_inside(self, outer: Request, path: str, state: dict[str, Any]) -> Reply:
        """The answer, as it leaves, to a request of another surface under a path of this one."""
        request = Request(mounts.inner_scope(outer, path), mounts.again(outer), "", self._max_body_bytes)
        request.pages = self._pages
        return await self._pass(request, state)

    async def _answer(self, request: Request, state: dict[str, Any]) -> Reply:
        if self._limit is not None:
            refused = await self._limit(request.scope)
            if refused is not None:
                return self._refused(LIMITED, request, refused)
        try:
            cookies = request.headers("cookie") if self.identity.keeps_sessions else []
            session = self.identity.open(cookies)
        except Refusal as refusal:
            return self._refused(refusal.code, request)
        reply = self.served.dialect.match(request)
        if isinstance(reply, Match):
            operation, request.path_values = reply
            state["operation"] = operation.id
            endpoint = self.served.endpoints[operation.id]
            try:
                reply = await endpoint.handle(
                    request, session, self.identity, self.served.dialect, self._context_for
                )
            except NoPage:
                reply = await self._otherwise(request, session)
        elif isinstance(reply, Missing):
            reply = await self._otherwise(request, session)
        if session.touched:
            await self.identity.save(session, reply)
        return reply

    async def _otherwise(self, request: Request, session: Session) -> Reply:
        """The answer where no operation has the path."""
        served = self.served
        reply = await otherwise(
            served.otherwise, served.errors, request, session, self.identity, served.dialect
        )
        return served.dialect.missing(request) if reply is None else reply

    def _refused(self, code: str, request: Request, details: Mapping[str, Any] | None = None) -> Reply:
        row = self.served.errors.row(code, of_document=False)
        return answer_to(code, row, Values(request, error=details or {}), self.served.dialect)
