"""Conditions on a request that narrow a deviation: `body/password holds NUL`, `session is not an object`."""

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from compat_rest.identity.flask_session import Unreadable, untag
from compat_rest.parity.cookies import payload_of, sent_in
from compat_rest.parity.messages import Request

BIGINT = 2**63
# What the HTTP parser below ASGI takes with a path; it refuses every other method by itself.
METHODS = frozenset(
    "ACL BIND CHECKOUT COPY DELETE GET HEAD LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MOVE "
    "NOTIFY OPTIONS PATCH POST PROPFIND PROPPATCH PURGE PUT QUERY REBIND REPORT SEARCH SOURCE SUBSCRIBE "
    "TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE".split()
)
# Python's parser gives up at about a thousand levels, less those of the call stack around it.
DEEP = 900


@dataclass(frozen=True)
class Asked:
    """A request, and the session cookies that earlier answers of the recording have ended."""

    request: Request
    ended: frozenset[str] = frozenset()


Condition = Callable[[Asked], bool]
MISSING = object()
UNREADABLE = object()


def is_number(value: object) -> bool:
    """Python counts true and false as numbers, and so did the arithmetic of the old servers."""
    return isinstance(value, int | float)


def is_bigint(value: object) -> bool:
    """Whether PostgreSQL takes a value as a bigint: whole numbers and their texts, within 64 bits."""
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]{1,30}\s*", value):
        value = int(value)
    return isinstance(value, int) and not isinstance(value, bool) and -BIGINT <= value < BIGINT


def leaves(value: object) -> Iterator[object]:
    """Every value within a JSON value that holds no other, keys included."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            pending += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            pending += item
        else:
            yield item


def holds_nul(value: object) -> bool:
    return any(isinstance(leaf, str) and "\0" in leaf for leaf in leaves(value))


def unstorable(value: object) -> bool:
    """Whether PostgreSQL's text cannot hold a JSON value: NUL, a lone surrogate, a number JSON lacks."""
    return any(
        not math.isfinite(leaf)
        if isinstance(leaf, float)
        else re.search("[\0\ud800-\udfff]", str(leaf)) is not None
        for leaf in leaves(value)
    )


def beyond_bigint(value: object) -> bool:
    segments = value.split("/") if isinstance(value, str) else []
    return any(segment.isdecimal() and int(segment[:400]) >= BIGINT for segment in segments)


_PREDICATES: dict[str, Callable[[object], bool]] = {
    "is an object": lambda value: isinstance(value, dict),
    "is not an object": lambda value: not isinstance(value, dict),
    "is text": lambda value: isinstance(value, str),
    "is not text": lambda value: not isinstance(value, str),
    "is a number": is_number,
    "is not a number": lambda value: not is_number(value),
    "is a bigint": is_bigint,
    "is not a bigint": lambda value: not is_bigint(value),
    "holds NUL": holds_nul,
    "ends with NUL": lambda value: isinstance(value, str) and value.endswith("\0"),
    "holds what no database stores": unstorable,
    "holds a number beyond bigint": beyond_bigint,
    "is unknown": lambda value: value not in METHODS,
}
_CLAUSE = re.compile(r"(?P<subject>body|session|path|method)(?P<pointer>(?:/[^ /]+)*) (?P<predicate>.+)")


def parse(text: str) -> Condition:
    """The condition that a text states, clauses joined by "and", those by "or"; raises ValueError."""
    either = [[_clause(part.strip()) for part in side.split(" and ")] for side in text.split(" or ")]
    return lambda asked: any(all(clause(asked) for clause in clauses) for clauses in either)


def _clause(text: str) -> Condition:
    if text in _WHOLE:
        return _WHOLE[text]
    match = _CLAUSE.fullmatch(text)
    if match is None or match["predicate"] not in _PREDICATES:
        known = ", ".join(sorted(_PREDICATES))
        raise ValueError(f"{text!r} is no condition; after body, session, path or method can stand: {known}")
    predicate, subject, pointer = _PREDICATES[match["predicate"]], match["subject"], match["pointer"]

    def holds(asked: Asked) -> bool:
        value = _within(_SUBJECTS[subject](asked), pointer)
        return value is not MISSING and predicate(value)

    return holds


def _within(value: object, pointer: str) -> object:
    for step in pointer.split("/")[1:]:
        value = value.get(step, MISSING) if isinstance(value, dict) else MISSING
    return value


def _body(asked: Asked) -> object:
    try:
        value: object = json.loads(asked.request.body)
    except (ValueError, RecursionError):
        return MISSING
    return value


def session_cookie(request: Request) -> str | None:
    """The session cookie that counts: the first, without the quotes it may have."""
    return next((value.strip('"') for name, value in sent_in(request.headers) if name == "session"), None)


def _session(asked: Asked) -> object:
    cookie = session_cookie(asked.request)
    payload = payload_of(cookie) if cookie else None
    if payload is None:
        return MISSING
    try:
        # As text, because Flask reads it so: bytes with a byte order mark would be JSON, the text is not.
        value: object = json.loads(payload.decode())
    except ValueError:
        return UNREADABLE
    try:
        untag(value)
    except Unreadable:
        return UNREADABLE
    # A session of null is an anonymous one.
    return MISSING if value is None else value


def credential(cookie: str) -> str:
    """What makes two cookies one session: payload and second of signing, however the signature is written."""
    return cookie.strip('"').rsplit(".", 1)[0]


def _session_was_ended(asked: Asked) -> bool:
    cookie = session_cookie(asked.request)
    return cookie is not None and credential(cookie) in asked.ended


def _nests_too_deep(asked: Asked) -> bool:
    deepest = depth = 0
    for byte in asked.request.body:
        depth += (byte in b"[{") - (byte in b"]}")
        deepest = max(deepest, depth)
    return deepest > DEEP


_WHOLE: dict[str, Condition] = {
    "session was ended": _session_was_ended,
    "body nests too deep": _nests_too_deep,
}
_SUBJECTS: dict[str, Callable[[Asked], object]] = {
    "body": _body,
    "session": _session,
    "path": lambda asked: unquote(asked.request.path),
    "method": lambda asked: asked.request.method,
}
