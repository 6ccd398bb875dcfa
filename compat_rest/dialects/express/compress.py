"""Compressed answers as compression 1.8.0 makes them."""

import asyncio
import re
import zlib
from typing import NamedTuple

import brotli

from compat_rest.http import Reply, Request

THRESHOLD = 1024
# A larger body is compressed beside the event loop.
ASIDE = 65_536
# Kinds that the database of media types calls compressible, beyond those that their names tell.
COMPRESSIBLE = frozenset(
    f"application/{name}"
    for name in "json javascript ecmascript xml x-javascript wasm rtf x-sh sql graphql".split()
)
BY_NAME = re.compile(r"text/|.*\+(?:json|text|xml)\Z", re.IGNORECASE | re.DOTALL)
NO_TRANSFORM = re.compile(r"(?:^|,)\s*?no-transform\s*?(?:,|\Z)")
ACCEPTED = re.compile(r"\s*([^\s;]+)\s*(?:;(.*))?\Z", re.DOTALL)
NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
OFFERED = ("br", "gzip", "deflate", "identity")
PREFERRED = ("br", "gzip")


class Wish(NamedTuple):
    """A coding that a client accepts, how much it wants it, and where it says so."""

    coding: str
    quality: float
    place: int


def is_compressible(media: str) -> bool:
    """Whether a media type is one that gets smaller."""
    kind = re.match(r"\s*([^;\s]*)", media)
    name = kind[1].lower() if kind else ""
    return name in COMPRESSIBLE or bool(BY_NAME.match(name))


async def compressed(request: Request, reply: Reply, headers: dict[str, str]) -> None:
    """Compresses an answer where it may be; says what it varies by also where it is not."""
    own = {name.lower(): value for name, value in reply.headers}
    if not is_compressible(own.get("content-type", "")) or NO_TRANSFORM.search(own.get("cache-control", "")):
        return
    headers["Vary"] = f"{headers['Vary']}, Accept-Encoding" if "Vary" in headers else "Accept-Encoding"
    if len(reply.body) < THRESHOLD or "content-encoding" in own or request.method == "HEAD":
        return
    coding = chosen(request.joined("accept-encoding") or "")
    if coding == "identity":
        return
    if len(reply.body) > ASIDE:
        reply.body = await asyncio.to_thread(encoded, coding, reply.body)
    else:
        reply.body = encoded(coding, reply.body)
    reply.headers.append(("Content-Encoding", coding))
    reply.length = False


def encoded(coding: str, body: bytes) -> bytes:
    """A body in a coding, at the levels that Node takes."""
    if coding == "br":
        small: bytes = brotli.compress(body, quality=4)
        return small
    packer = zlib.compressobj(6, zlib.DEFLATED, 31 if coding == "gzip" else 15)
    return packer.compress(body) + packer.flush()


def chosen(header: str) -> str:
    """The coding that negotiator 0.6.4 chooses for what a client accepts."""
    if not header:
        return "identity"
    wishes = wishes_of(header)
    best: tuple[float, int, int, int, int] | None = None
    coding = "identity"
    for place, offered in enumerate(OFFERED):
        wish, exact = wish_for(offered, wishes)
        if wish is None or not wish.quality > 0:
            continue
        liking = PREFERRED.index(offered) if offered in PREFERRED else len(PREFERRED)
        key = (-wish.quality, liking, -exact, wish.place, place)
        if best is None or key < best:
            best, coding = key, offered
    return coding


def wishes_of(header: str) -> list[Wish]:
    """What a client accepts; no coding at all is accepted last, unless it says otherwise."""
    parts = header.split(",")
    wishes = [wish for place, part in enumerate(parts) if (wish := wish_of(part, place))]
    if not any(wish.coding.lower() in ("identity", "*") for wish in wishes):
        least = min([1.0, *(wish.quality or 1.0 for wish in wishes)])
        wishes.append(Wish("identity", least, len(parts)))
    return wishes


def wish_of(part: str, place: int) -> Wish | None:
    """One of the codings that a client accepts."""
    found = ACCEPTED.match(part.strip())
    if not found:
        return None
    quality = 1.0
    for parameter in (found[2] or "").split(";"):
        name, *values = parameter.strip().split("=")
        if name == "q":
            number = NUMBER.match(values[0]) if values else None
            # What is no number is not above zero.
            quality = float(number[1]) if number else -1.0
            break
    return Wish(found[1], quality, place)


def wish_for(offered: str, wishes: list[Wish]) -> tuple[Wish | None, int]:
    """What a client says of a coding, and whether it says it by name; the later of equal words counts."""
    best: tuple[int, float, int] = (0, 0.0, -1)
    said: Wish | None = None
    for wish in wishes:
        exact = int(wish.coding.lower() == offered)
        if exact or wish.coding == "*":
            key = (exact, wish.quality, wish.place)
            if key > best:
                best, said = key, wish
    return said, best[0]
