"""Bodies as body-parser reads them: what is taken, and the words for what is not."""

import gzip
import zlib
from typing import Any

import pytest

from compat_rest.dialects.express import bodies
from compat_rest.http import Request
from compat_rest.limits import uncounted
from compat_rest.passed import Passed
from compat_rest.refusal import Refusal
from tests.compat_rest.test_http import receiving, request

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def asked(body: bytes, kind: str | None = JSON, **headers: str) -> Request:
    said = [
        ("content-length", str(len(body))),
        *((name.replace("_", "-"), text) for name, text in headers.items()),
    ]
    made = request("/", [*said, *([("content-type", kind)] if kind is not None else [])])
    made.receive = receiving(body)
    return made


async def read(body: bytes, kind: str | None = JSON, limit: int = 1000, **headers: str) -> Any:
    passed = Passed(uncounted)
    await bodies.read(asked(body, kind, **headers), passed, limit, 20)
    return passed.body


async def refusal(body: bytes, kind: str | None = JSON, **headers: str) -> tuple[str, str, str, int]:
    with pytest.raises(Refusal) as refused:
        await read(body, kind, 1000, **headers)
    details = refused.value.details
    return refused.value.code, details["name"], details["message"], details["status"]


@pytest.mark.parametrize(
    ("body", "kind", "value"),
    [
        (b'{"a": 1}', JSON, {"a": 1}),
        (b"[1]", "Application/JSON; charset=UTF-8", [1]),
        ("\ufeff{}".encode(), JSON, {}),
        (b"", JSON, {}),
        (b'{"a": "\xff"}', JSON, {"a": "\ufffd"}),
        ('{"a": "é"}'.encode("utf-16-le"), f"{JSON}; charset=utf-16", {"a": "é"}),
        ('{"a": "é"}'.encode("utf-16-be"), f"{JSON}; charset=utf-16be", {"a": "é"}),
        (b"not read", "text/plain", {}),
        (b"{", "application/vnd.api+json", {}),
        (b"{", f"{JSON}; charset", {}),
        (b"{", None, {}),
        (b"a[b]=1&c=%20", FORM, {"a": {"b": "1"}, "c": " "}),
    ],
)
async def test_a_body_is_read_by_its_type(body: bytes, kind: str | None, value: Any) -> None:
    assert await read(body, kind) == value


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
async def test_a_packed_body_is_unpacked(pack: Any) -> None:
    coding = "gzip" if pack is gzip.compress else "Deflate"
    assert await read(pack(b'{"a": 1}'), content_encoding=coding) == {"a": 1}


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b"{", JSON, ("SyntaxError", "Expected property name or '}' in JSON at position 1", 400)),
        (b" 12", JSON, ("SyntaxError", "Unexpected token '1', \" 12\" is not valid JSON", 400)),
        (b"  ", JSON, ("SyntaxError", "Unexpected end of JSON input", 400)),
        (b"[" * 21, JSON, ("RangeError", "JSON is nested deeper than 20 levels", 400)),
        (b"a" + b"[b]" * 40 + b"=1", FORM, ("BadRequestError", "The input exceeded the depth", 400)),
    ],
)
async def test_what_cannot_be_read_is_told_as_node_tells_it(body: bytes, kind: str, said: Any) -> None:
    assert await refusal(body, kind) == ("UNREADABLE_BODY", *said)


@pytest.mark.parametrize(
    ("coding", "body", "message"),
    [
        ("gzip", b"{}", "incorrect header check"),
        ("gzip", gzip.compress(b'{"a": 1}', mtime=0)[:-4], "unexpected end of file"),
        ("gzip", gzip.compress(b"{}", mtime=0) + b"xx", "incorrect header check"),
        ("gzip", gzip.compress(b"{}", mtime=0) + b"x", "unexpected end of file"),
        ("deflate", zlib.compress(b"{}")[:-1] + b"x", "incorrect data check"),
        ("deflate", b"", "unexpected end of file"),
    ],
)
async def test_what_was_packed_wrongly_is_told(coding: str, body: bytes, message: str) -> None:
    assert await refusal(body, content_encoding=coding) == ("UNREADABLE_BODY", "Error", message, 400)


@pytest.mark.parametrize(
    ("kind", "headers", "message"),
    [
        (f"{JSON}; charset=latin1", {}, 'unsupported charset "LATIN1"'),
        (f"{JSON}; charset=utf-9", {}, 'unsupported charset "UTF-9"'),
        (f"{FORM}; charset=utf-16", {}, 'unsupported charset "UTF-16"'),
        (JSON, {"content_encoding": "BR"}, 'unsupported content encoding "br"'),
    ],
)
async def test_what_nobody_reads_is_told(kind: str, headers: dict[str, str], message: str) -> None:
    assert await refusal(b"{}", kind, **headers) == (
        "UNSUPPORTED_TYPE",
        "UnsupportedMediaTypeError",
        message,
        415,
    )


async def test_a_body_is_bounded_as_it_is_and_as_it_comes_out() -> None:
    large = b'{"a": "' + b"x" * 1000 + b'"}'
    told = ("BODY_TOO_LARGE", "PayloadTooLargeError", "request entity too large", 413)
    assert await refusal(large) == told
    assert await refusal(gzip.compress(large), content_encoding="gzip") == told
    many = "&".join(["a"] * 1001).encode()
    with pytest.raises(Refusal) as refused:
        await read(many, FORM, limit=10_000)
    assert refused.value.details["message"] == "too many parameters"
