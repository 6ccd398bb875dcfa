"""Paths of a surface that another one answers: the request as that one sees it, and its answer."""

import re

from starlette.types import Message, Receive, Scope

from compat_rest.contract.before import Mount
from compat_rest.dialects.express.cors import ORIGIN
from compat_rest.http import Reply, Request


def inner_path(mount: Mount, path: str) -> str | None:
    """A path as the other surface sees it; None where it is not its."""
    # As Express cuts it, a slash at the end of the mount's own path goes along.
    found = re.match(rf"{re.escape(mount.path)}/?(?=/|\Z)", path, re.IGNORECASE)
    return None if found is None else path[found.end() :] or "/"


def inner_scope(request: Request, path: str) -> Scope:
    """The scope of a request with another path."""
    return {**request.scope, "path": path, "raw_path": path.encode("latin-1"), "surface_prefix": ""}


def again(request: Request) -> Receive:
    """Gives the body that was read once more to whoever reads it, and then whatever comes."""
    sent = None if request.passed is None else request.passed.sent
    whole: list[Message] = []
    if sent is not None:
        whole.append({"type": "http.request", "body": sent, "more_body": False})

    async def receiving() -> Message:
        return whole.pop() if whole else await request.receive()

    return receiving


def laid_over(reply: Reply, request: Request) -> Reply:
    """The answer of the other surface; of this one's words only the allowed origin is left."""
    said = {} if request.passed is None else request.passed.headers
    if ORIGIN in said and all(name != ORIGIN for name, _ in reply.headers):
        reply.headers.append((ORIGIN, said[ORIGIN]))
    return reply
