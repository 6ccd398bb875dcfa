"""Runtime expressions in the texts of the contract."""

from collections.abc import Mapping
from typing import Any

import pytest

from compat_rest.contract.expressions import BadExpression, Scope, compile_value, point, resolved


class Sample:
    """A request as expressions see it."""

    method = "POST"
    url = "http://old.example/a/7?page=2"
    target = "/a/7?page=2"
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
