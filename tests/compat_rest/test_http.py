"""A legacy request as ASGI hands it over, and what surfaces say about errors."""

from typing import Any

import pytest
from starlette.types import Message

from compat_rest.errors import ErrorTable, Row
from compat_rest.http import Request
from compat_rest.refusal import Refusal
from compat_rest.samples import SampleDetails


def request(target: str = "/", headers: list[tuple[str, str]] | None = None, **more: Any) -> Request:
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": [(key.encode(), value.encode("latin-1")) for key, value in headers or []],
        **more,
    }
    return Request(scope, receiving(), more.get("prefix", ""), 10)


def receiving(*chunks: bytes, leaves: bool = False) -> Any:
    messages: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": index < len(chunks) - 1 or leaves}
        for index, chunk in enumerate(chunks)
    ]
    messages.append({"type": "http.disconnect"})

    async def receive() -> Message:
        return messages.pop(0)

    return receive


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/a%20b", "/a b"),
        ("/%E4%BD%A0", "/你"),
        ("/%FF", "/\ufffd"),
        ("//api/x", "/api/x"),
        ("///api/x", "/api/x"),
        ("//", "/"),
        ("/a//b", "/a//b"),
    ],
)
def test_a_path_is_read_as_wsgi_servers_read_it(target: str, path: str) -> None:
    assert request(target).path == path


def test_what_expressions_may_read() -> None:
    each = request("/x?a=1&a=2&b=", [("host", "old.example"), ("x-a", "1"), ("x-a", "2")])
    assert each.target == "/x?a=1&a=2&b="
    assert each.url == "http://old.example/x?a=1&a=2&b="
    assert each.query_values == {"a": "1", "b": ""}
    assert each.headers("X-A") == ["1", "2"]
    assert each.header("x-b") is None
    assert request("/x").target == "/x"
    assert request("/x", empty_query=True).target == "/x?"
    assert request("/x").host == "localhost"


def test_a_query_is_bounded() -> None:
    with pytest.raises(Refusal, match="INVALID"):
        assert request("/x?" + "&" * 2000).query_values


async def body_of(receive: Any, headers: list[tuple[str, str]] | None = None) -> bytes:
    each = request("/", headers)
    return await Request(each.scope, receive, "", 10).body()


async def test_a_body_is_read_whole_and_bounded() -> None:
    assert await body_of(receiving(b"12345", b"67890")) == b"1234567890"
    with pytest.raises(Refusal, match="BODY_TOO_LARGE"):
        await body_of(receiving(b"12345", b"678901"))
    with pytest.raises(Refusal, match="BODY_TOO_LARGE"):
        await body_of(receiving(), [("content-length", "11")])
    with pytest.raises(Refusal, match="UNREADABLE_BODY"):
        await body_of(receiving(b"1", leaves=True))


def row(status: int) -> Row:
    return Row(status, None)


def test_a_code_falls_to_the_coarser_one_and_to_the_surface() -> None:
    table = ErrorTable(
        {"TOKEN_INVALID": row(500), "*": row(418)},
        {"NOT_SIGNED_IN": row(401), "INVALID": row(400), "*": row(599)},
    )

    def status(code: str, *, of_document: bool = False) -> int:
        found = table.row(code, of_document=of_document)
        assert found is not None
        return found.status

    assert status("TOKEN_EXPIRED") == 500
    assert status("TOKEN_MISSING") == 401
    assert status("INVALID") == 400
    assert status("COURSE_NOT_FOUND", of_document=True) == 418
    assert status("TIMEOUT") == 599
    assert ErrorTable({}, {}).row("INVALID", of_document=False) is None


def test_samples_have_every_detail() -> None:
    assert SampleDetails().get("email") == "sample email"
