"""What Express and helmet say on every answer: security headers, and the tag that names a body."""

import re
from base64 import b64encode
from hashlib import sha1

from compat_rest.http import Reply, Request

# helmet 8 in its own order, but for its policy, which each surface has of its own.
HELMET = (
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Origin-Agent-Cluster", "?1"),
    ("Referrer-Policy", "no-referrer"),
    ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-DNS-Prefetch-Control", "off"),
    ("X-Download-Options", "noopen"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("X-Permitted-Cross-Domain-Policies", "none"),
    ("X-XSS-Protection", "0"),
)
# What pages of the framework itself are allowed.
NOTHING = "default-src 'none'"
NO_CACHE = re.compile(r"(?:^|,)\s*?no-cache\s*?(?:,|\Z)")

Raw = tuple[tuple[bytes, bytes], ...]


def careful(policy: str) -> Raw:
    """The security headers of every answer, with a surface's policy; none at all without one."""
    if not policy:
        return ()
    said = (("Content-Security-Policy", policy), *HELMET)
    return tuple((name.encode(), value.encode()) for name, value in said)


def barred(policy: str) -> Raw:
    """The security headers of a page of the framework itself."""
    own = (b"Content-Security-Policy", NOTHING.encode())
    if not policy:
        return (own, (b"X-Content-Type-Options", b"nosniff"))
    return (own, *careful(policy)[1:])


def tag(body: bytes) -> str:
    """The weak tag of a body: its length and its digest."""
    digest = b64encode(sha1(body, usedforsecurity=False).digest())[:27].decode()
    return f'W/"{len(body):x}-{digest}"'


def is_fresh(request: Request, etag: str) -> bool:
    """Whether the client has the body of this tag; a date it names is never late enough for one without."""
    wanted = request.joined("if-none-match")
    if not wanted or request.method not in ("GET", "HEAD") or request.header("if-modified-since"):
        return False
    if NO_CACHE.search(request.joined("cache-control") or ""):
        return False
    if wanted == "*":
        return True
    return any(each in (etag, f"W/{etag}") or f"W/{each}" == etag for each in tokens(wanted))


def tokens(text: str) -> list[str]:
    """The parts between commas, without the blanks around them."""
    return [part.strip(" ") for part in text.split(",")]


def unsent(request: Request, reply: Reply) -> Reply:
    """An answer that Node ended without res.send: no tag, and a length only where Node could still say it."""
    compressed = request.passed is not None and request.passed.compressed
    reply.length = not compressed and request.method != "HEAD"
    return reply
