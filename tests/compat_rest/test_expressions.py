"""Runtime expressions in the texts of the contract."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from compat_rest.contract.expressions import BadExpression, Scope, compile_value, point, resolved


class Sample:
    """A request as expressions see it."""

    method = "POST"
    url = "http://old.example/a/7?page=2"
    target = "/a/7?page=2"
    now = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    client = "10.0.0.7"
    path_values: Mapping[str, Any] = {"id": 7}
    query_values: Mapping[str, Any] = {"page": "2"}

    def header(self, name: str) -> str | None:
        return {"x-name": "ada"}.get(name)


SCOPE = Scope(
    Sample(),
    body={"a/b": [10, {"c": None}]},
    data={"tree": {"name": "Oak"}},
    error={"id": "9"},
)


def value(text: Any) -> Any:
    return compile_value(text, {"LIMIT": "5"})(SCOPE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("$method", "POST"),
        ("$url", "http://old.example/a/7?page=2"),
        ("$path", "/a/7?page=2"),
        ("$$method", "$method"),
        ("$request.path.id", 7),
        ("$request.query.page", "2"),
        ("$request.header.x-name", "ada"),
        ("$request.body#/a~1b/0", 10),
        ("$request.body#/a~1b/1/c", None),
        ("$data#/tree/name", "Oak"),
        ("$error.id", "9"),
        ("$env.LIMIT", "5"),
        ("$env.OTHER:100", "100"),
        ("No {$error.id} in {$data#/tree/name}{$error.none}.", "No 9 in Oak."),
        ("{{'code': {$request.path.id}}}", "{'code': 7}"),
        ({"a": ["$method", 3, None]}, {"a": ["POST", 3, None]}),
    ],
)
def test_an_expression_has_a_value(text: Any, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("$nothing", "The expression '$nothing' means nothing"),
        ("$error.", "The expression '$error.' means nothing"),
        ("$env.MISSING", "The environment variable MISSING is not set"),
        ("a { b", "The brace at column 3"),
        ("a } b", "The brace at column 3"),
        ("a {b} c", "The brace at column 3"),
    ],
)
def test_a_bad_expression_is_refused(text: str, problem: str) -> None:
    with pytest.raises(BadExpression) as refusal:
        value(text)
    assert str(refusal.value).startswith(problem)


def test_a_pointer_that_leads_nowhere_has_no_value() -> None:
    assert point({"a": [1]}, "/a/5") is None
    assert point({"a": [1]}, "/a/x") is None
    assert point(3, "/a") is None
    assert point({"a": 1}, "") == {"a": 1}


def test_a_surface_reads_the_environment() -> None:
    environ = {"RATE": "7", "KEY": "k"}
    assert resolved({"a": ["$env.KEY", 1], "b": "{$env.RATE}/15m"}, environ) == {"a": ["k", 1], "b": "7/15m"}
    with pytest.raises(BadExpression):
        resolved("{$env.NONE}", environ)


def said(text: Any, scope: Scope = SCOPE, spell: Any = None) -> Any:
    """The value of a text in another scope."""
    more = () if spell is None else (spell,)
    return compile_value(text, {"LIMIT": "5"}, *more)(scope)


def test_what_chains_left_goes_before_what_was_sent() -> None:
    judged = Scope(Sample(), path={"id": "x"}, query={"page": 3})
    assert said("{$request.path.id} {$request.query.page}", judged) == "x 3"


def test_the_request_knows_when_and_from_where() -> None:
    assert said("$client") == "10.0.0.7"
    assert said("$now") == {"at": datetime(2026, 1, 2, 3, 4, 5, 678000), "us": 901, "text": None}
    assert 0 < said("$uptime") < 100_000


def test_entries_are_those_of_the_error() -> None:
    assert said("$entries", Scope(Sample(), error={"entries": [1]})) == [1]
    assert said("$entries") is None


def test_the_first_cookie_of_a_name_counts() -> None:
    assert said("$cookies.a", Scope(Cookies())) == "1; x"
    assert said("$cookies.c", Scope(Cookies())) is None


class Cookies(Sample):
    """A request with cookies."""

    def header(self, name: str) -> str | None:
        return {"cookie": 'a="1\\073 x"; b=2; a=3'}.get(name)


def test_a_value_is_spelled_as_the_old_api_did() -> None:
    def spell(pointer: str) -> Mapping[Any, Any]:
        return {"/kinds": {"9": "nine"}}[pointer]

    assert said("It is {$spelled.error.id#/kinds}.", spell=spell) == "It is nine."
    assert said("$spelled.request.path.id#/kinds", spell=spell) == 7
    with pytest.raises(BadExpression, match="There is no schema '/kinds' here"):
        said("$spelled.error.id#/kinds")


def test_the_first_variable_that_is_set_counts() -> None:
    assert said("$env.NONE|$env.LIMIT") == "5"
    assert said("$env.NONE|$env.NOT:x:y") == "x:y"
    with pytest.raises(BadExpression, match="NOT is not set"):
        said("$env.NONE|$env.NOT")
