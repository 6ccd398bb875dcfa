"""The schemes of a surface in their order: the first valid credential decides who calls."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from compat_rest.contract.surfaces import Scheme
from compat_rest.http import Reply
from compat_rest.identity.bearer import Bearer
from compat_rest.identity.flask_session import Session, SessionCookie, key_of
from compat_rest.identity.kept import KeptSessions
from compat_rest.refusal import Refusal
from schema.context import Caller


class Revocations(Protocol):
    """Where credentials that were given back are remembered."""

    async def is_revoked(self, credential: str) -> bool:
        """Whether a credential was given back."""

    async def revoke(self, credential: str, expires: datetime) -> None:
        """Makes a credential worthless until it expires."""


class Further(Protocol):
    """Another way to recognise somebody, which may have to ask for it."""

    async def caller(self, authorization: str | None, session: Session) -> Caller | None:
        """Who calls, None where nothing says so; raises Refusal with the code that says why nobody does."""


# Styles that need no further way.
OWN = ("bearer", "flask")
# The further way of a scheme, None where it has none.
Ways = Callable[[Scheme], Further | None]


def no_ways(scheme: Scheme) -> None:
    """Where only secrets of this server decide."""


class Identity:
    """Finds the caller of a request, and keeps the session cookie of the surface."""

    def __init__(self, schemes: Sequence[Scheme], revocations: Revocations, ways: Ways = no_ways) -> None:
        self._cookie = next((SessionCookie(scheme) for scheme in schemes if scheme.style == "flask"), None)
        # A scheme without a bearer is that of the session, or goes another way.
        self._schemes = [
            (scheme, Bearer(scheme) if scheme.style == "bearer" else None, way)
            for scheme in schemes
            for way in [ways(scheme)]
            if way is not None or scheme.style in OWN
        ]
        self._kept = next((way for _, _, way in self._schemes if isinstance(way, KeptSessions)), None)
        self._revocations = revocations

    @property
    def keeps_sessions(self) -> bool:
        """Whether cookies mean anything."""
        return self._cookie is not None or self._kept is not None

    def open(self, cookies: list[str]) -> Session:
        """The session that the cookies hold; raises Refusal UNREADABLE_SESSION."""
        if not cookies:
            return Session({})
        session = self._cookie.open(cookies) if self._cookie else Session({})
        if self._kept is not None:
            session.kept = self._kept.named(cookies)
        return session

    async def caller(self, authorization: str | None, session: Session) -> Caller:
        """Who calls; raises Refusal with the code of the first scheme that says why nobody does."""
        codes: list[str] = []
        for scheme, bearer, way in self._schemes:
            try:
                if way is not None:
                    if (vouched := await self._vouched(way, authorization, session)) is not None:
                        return vouched
                    continue
                recognised = bearer.recognise(authorization) if bearer else session.recognised()
            except Refusal as refusal:
                codes.append(refusal.code)
                continue
            if recognised is None:
                continue
            if await self._revocations.is_revoked(recognised.key):
                if bearer is None:
                    session.forget()
                codes.append("TOKEN_INVALID")
                continue
            caller = recognised.caller(
                scheme.user,
                nobody=scheme.nobody,
                roles=scheme.role,
                needs=scheme.needs,
                uuids=scheme.form == "uuid",
            )
            if caller is not None:
                return caller
            if bearer is not None:
                codes.append("TOKEN_WITHOUT_USER")
        raise Refusal(next((code for code in codes if code != "TOKEN_MISSING"), "TOKEN_MISSING"))

    async def _vouched(self, way: Further, authorization: str | None, session: Session) -> Caller | None:
        caller = await way.caller(authorization, session)
        if caller is not None and await self._revocations.is_revoked(caller.credential):
            raise Refusal("TOKEN_INVALID")
        return caller

    async def start(self, session: Session, user: Mapping[str, Any]) -> None:
        """Signs a user in; what an earlier, still valid session held stays beside it, as in Flask."""
        if self._cookie is None:
            return
        if session.key and await self._revocations.is_revoked(session.key):
            session.forget()
        values = {key: user[pointer.strip("/")] for key, pointer in self._cookie.scheme.session.items()}
        session.start(values)

    async def end(self, session: Session) -> None:
        """Signs out: the cookie is deleted, and every copy of it is worthless."""
        recognised = session.recognised()
        if recognised is not None:
            await self._revocations.revoke(recognised.key, recognised.expires)
        session.end()

    async def save(self, session: Session, reply: Reply) -> None:
        """Puts onto an answer what became of the session: Flask's save_session."""
        if self._cookie is None:
            return
        if session.accessed:
            reply.add_vary("Cookie")
        if not session.contents:
            if session.modified:
                reply.headers += self._cookie.headers(session, None)
            return
        if not session.modified and not session.permanent:
            return
        if not session.modified and await self._revocations.is_revoked(session.key):
            return
        reply.headers += self._cookie.headers(session, await self._fresh(session))
        reply.add_vary("Cookie")

    async def _fresh(self, session: Session) -> str:
        """A cookie value that nobody has revoked."""
        assert self._cookie is not None  # nosec B101  # only called where there is one
        value = self._cookie.sign(session.contents)
        while await self._revocations.is_revoked(key_of(value)):
            # Signed in the very second of a logout it is the revoked cookie again; the next second's is not.
            await asyncio.sleep(1 - datetime.now(UTC).microsecond / 1_000_000)
            value = self._cookie.sign(session.contents)
        return value
