"""Bodies as body-parser 1.20.3 reads them: JSON and forms, compressed or not, in any Unicode encoding."""

import asyncio
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from compat_rest.depth import is_deeper
from compat_rest.dialects.express import charsets, faults, query, v8
from compat_rest.dialects.express.media import charset_of, kind_of
from compat_rest.http import Request
from compat_rest.passed import Passed
from compat_rest.refusal import Refusal, too_large

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
# A larger body is read beside the event loop.
ASIDE = 65_536
MOST_PARAMETERS, FORM_DEPTH, FORM_ITEMS = 1000, 32, 100
FIRST = re.compile(r"[ \t\n\r]*([^ \t\n\r])")
MARKS = re.compile("#+")
WINDOW = {"gzip": 31, "deflate": 15}
LARGE, UNPARSED = "entity.too.large", "entity.parse.failed"
NONE: Mapping[str, Any] = {}


# How zlib calls what is wrong with its input.
DATA = {"errno": -3, "code": "Z_DATA_ERROR"}
CUT = {"errno": -5, "code": "Z_BUF_ERROR"}


def unreadable(message: str, name: str, before: Mapping[str, Any] = NONE, **after: Any) -> NoReturn:
    """Refuses a body that cannot be read; what the error was thrown with is told to developers."""
    # The text of the body was thrown too, but it may hold a password.
    thrown = {**before, "expose": True, "statusCode": 400, "status": 400, **after}
    raise Refusal("UNREADABLE_BODY", {"message": message, "name": name, "status": 400, "thrown": thrown})


def unsupported(kind: str, value: str, shown: str) -> NoReturn:
    """Refuses a body in a form that nobody reads."""
    label = "content encoding" if kind == "encoding" else kind
    message = f'unsupported {label} "{shown}"'
    thrown = {"message": message, kind: value, "type": f"{kind}.unsupported"}
    details = {"message": message, "name": "UnsupportedMediaTypeError", "status": 415, "thrown": thrown}
    raise Refusal("UNSUPPORTED_TYPE", details)


async def read(request: Request, passed: Passed, limit: int, depth: int) -> None:
    """Reads the body of a request, where it is JSON or a form; raises Refusal."""
    if request.header("transfer-encoding") is None and request.header("content-length") is None:
        return
    header = request.header("content-type")
    kind = kind_of(header)
    if kind not in (JSON, FORM):
        return
    charset = charset_of(header) or "utf-8"
    if not charset.startswith("utf-") if kind == JSON else charset != "utf-8":
        unsupported("charset", charset, charset.upper())
    parse: Callable[[bytes, str], Any] = parse_form
    if kind == JSON:
        parse = lambda raw, text: parse_json(raw, text, depth)  # noqa: E731  # one of two functions
    raw = await whole(request, passed, limit, charset)
    if len(raw) > ASIDE:
        passed.body = await asyncio.to_thread(parsed, raw, charset, parse)
    else:
        passed.body = parsed(raw, charset, parse)


async def whole(request: Request, passed: Passed, limit: int, charset: str) -> bytes:
    """The bytes of a body as they were before they were compressed; raises Refusal."""
    coding = (request.joined("content-encoding") or "identity").lower()
    if coding != "identity" and coding not in WINDOW:
        unsupported("encoding", coding, coding)
    try:
        # What is compressed is measured as it comes out; its own size is bounded a little further.
        sent = passed.sent = await request.body(limit if coding == "identity" else 2 * limit)
    except Refusal as refusal:
        if refusal.code == "BODY_TOO_LARGE":
            raise too_large(**_measured(request, coding, limit), type=LARGE) from refusal
        unreadable("request aborted", "BadRequestError", type="request.aborted")
    if charset not in charsets.ENCODINGS:
        unsupported("charset", charset, charset.upper())
    if coding == "identity":
        return sent
    if len(sent) > ASIDE:
        return await asyncio.to_thread(inflated, WINDOW[coding], sent, limit)
    return inflated(WINDOW[coding], sent, limit)


def _measured(request: Request, coding: str, limit: int) -> dict[str, Any]:
    """How long a body said that it is, where that is enough to refuse it."""
    said = request.header("content-length")
    if coding != "identity" or said is None or not said.isdecimal():
        return {"limit": limit}
    return {"expected": int(said), "length": int(said), "limit": limit}


def inflated(window: int, sent: bytes, limit: int) -> bytes:
    """The bytes that were compressed; raises Refusal."""
    parts: list[bytes] = []
    room = limit
    while True:
        unpacker = zlib.decompressobj(window)
        try:
            parts.append(unpacker.decompress(sent, room + 1))
        except zlib.error as error:
            unreadable(str(error).rpartition(": ")[2], "Error", DATA)
        room -= len(parts[-1])
        if room < 0:
            raise too_large(limit=limit, type=LARGE)
        if not unpacker.eof:
            unreadable("unexpected end of file", "Error", CUT)
        sent = unpacker.unused_data
        # Several may be joined; zeros after the last are only padding.
        if window == WINDOW["deflate"] or not sent.lstrip(b"\0") or sent[:1] == b"\0":
            return b"".join(parts)


def parsed(raw: bytes, charset: str, parse: Callable[[bytes, str], Any]) -> Any:
    """The value of a body; raises Refusal."""
    text = charsets.decoded(raw, charset)
    if charset != "utf-8":
        raw = text.encode("utf-8", "surrogatepass")
    return parse(raw, text) if text else {}


def parse_json(raw: bytes, text: str, depth: int) -> Any:
    """The value of a JSON text that is an object or a list; raises Refusal."""
    first = FIRST.match(text)
    if first is None or first[1] not in "{[":
        unreadable(not_strict(text, first.start(1) if first else -1), "SyntaxError", type=UNPARSED)
    if is_deeper(text, depth):
        unreadable(f"JSON is nested deeper than {depth} levels", "RangeError")
    try:
        return v8.parse(raw, text)
    except v8.BadJson as error:
        unreadable(str(error), "SyntaxError", type=UNPARSED)


def not_strict(text: str, place: int) -> str:
    """What body-parser says of a text whose first character begins neither an object nor a list."""
    partial = text[:place] + "#" * (len(faults.units(text)[2 * place :]) // 2) if place >= 0 else ""
    try:
        v8.read(partial)
    except v8.BadJson as error:
        rest = faults.units(text)[2 * place :]
        return MARKS.sub(lambda marks: faults.text_of(rest[: 2 * len(marks[0])]), str(error))
    raise AssertionError("a text of marks is no JSON")


def parse_form(raw: bytes, text: str) -> Any:
    """The values of a form; raises Refusal."""
    count = text.count("&")
    if count >= MOST_PARAMETERS:
        raise too_large("too many parameters", type="parameters.too.many")
    try:
        return query.parse(text, most_items=max(FORM_ITEMS, count), depth=FORM_DEPTH, strict=True)
    except query.TooDeep:
        unreadable("The input exceeded the depth", "BadRequestError")
