"""Routes as Express finds them, and its own pages."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from compat_rest.dialects.base import MISSING, Match
from compat_rest.dialects.express import headers, pages
from compat_rest.dialects.express.paths import Routes, check_star
from compat_rest.refusal import Refusal
from tests.compat_rest.test_http import request

PATHS = (
    ("GET", "/api/things"), ("POST", "/api/things"), ("GET", "/api/things/new"), ("GET", "/api/things/{id}"),
    ("GET", "/api/things/{id}/parts/{part}"), ("GET", "/docs"), ("GET", "/docs/"), ("POST", "/Upper"),
)  # fmt: skip


def routes(*routers: str) -> Routes:
    operations: Any = [
        SimpleNamespace(id=f"{method} {path}", method=method, path=path) for method, path in PATHS
    ]
    return Routes(operations, routers)


def found(method: str, path: str, *routers: str) -> tuple[str, Mapping[str, Any]] | None:
    answer = routes(*routers).find(method, path)
    return (answer.operation.id, answer.path_values) if isinstance(answer, Match) else None


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/api/things", "GET /api/things"),
        ("HEAD", "/API/Things/", "GET /api/things"),
        ("POST", "/api/things/", "POST /api/things"),
        ("GET", "/api/things/new", "GET /api/things/new"),
        ("GET", "/docs", "GET /docs"),
        ("GET", "/docs/", "GET /docs/"),
        ("POST", "/upper", "POST /Upper"),
        ("PUT", "/api/things", None),
        ("GET", "/api//things", None),
        ("GET", "//api/things", None),
        ("GET", "/api/things//", None),
        ("HEAD", "/upper", None),
        ("GET", "/%61pi/things", None),
    ],
)
def test_a_path_leads_to_its_route(method: str, path: str, operation: str | None) -> None:
    answer = found(method, path)
    assert (answer and answer[0]) == operation


def test_parameters_are_decoded_once() -> None:
    assert found("GET", "/api/things/a%2Fb%2520") == ("GET /api/things/{id}", {"id": "a/b%20"})
    assert found("GET", "/api/things/caf%C3%A9/parts/x+y/") == (
        "GET /api/things/{id}/parts/{part}",
        {"id": "café", "part": "x+y"},
    )


def test_a_router_takes_one_slash_more() -> None:
    assert found("GET", "/api/things//7", "/api/things") == ("GET /api/things/{id}", {"id": "7"})
    assert found("GET", "/api/things//7") is None
    assert found("GET", "/api/things///7", "/api/things") is None


@pytest.mark.parametrize("part", ["%", "%zz", "%E4%BD", "%ed%a0%80"])
def test_a_parameter_that_cannot_be_read_is_refused_for_every_method(part: str) -> None:
    for method in ("GET", "DELETE"):
        with pytest.raises(Refusal) as refused:
            routes().find(method, f"/api/things/{part}")
        message = f"Failed to decode param '{part}'"
        assert refused.value.code == "UNREADABLE_BODY"
        assert refused.value.details == {
            "message": message,
            "name": "URIError",
            "status": 400,
            "thrown": {"statusCode": 400, "status": 400},
        }


def test_what_a_star_takes_is_read_too() -> None:
    assert routes().find("GET", "/api/no%zz") is MISSING
    check_star("/other/%zz", ["/api/", ""])
    check_star("/api/%20", ["/api/", ""])
    with pytest.raises(Refusal):
        check_star("/API/no%zz", ["/api/", ""])


def test_the_page_of_a_missing_route_shows_the_path_without_its_query() -> None:
    reply = pages.missing(request("/a<b>%20%zz?x=<y>"), headers.barred("default-src 'self'"))
    assert reply.status == 404
    assert reply.body.decode() == (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n'
        "<body>\n<pre>Cannot GET /a%3Cb%3E%20%25zz</pre>\n</body>\n</html>\n"
    )
    assert reply.raw[0] == (b"Content-Security-Policy", b"default-src 'none'")
    assert not reply.tagged
