"""The answers of an operation: one or several, with a body or without, in any media type, with headers."""

from pathlib import Path
from typing import Any

import pytest

from tests.compat_rest.toys import answer, ask, body, contract, operation, problems

KINDS = "__typename ... on Made { name } ... on Found { name size }"
OPEN = f"query box($name: String!) {{ open(name: $name) {{ {KINDS} }} }}"
NAMED = {"name": {"type": "string"}}
SIZED = {**NAMED, "size": {"type": "integer"}}
CLOSED = {"type": "object", "x-graph": "/open"}


def box(**changes: Any) -> dict[str, Any]:
    """An operation whose status tells whether the box was there."""
    found = answer(**CLOSED, required=["name", "size"], properties=SIZED)
    made = answer(**CLOSED, required=["name"], properties=NAMED)
    responses = {"200": {**found, "x-when": "Found"}, "201": {**made, "x-when": "Made"}, **changes}
    sent = body(name={"type": "string", "default": "new", "x-sanitize": ["typed"]})
    return {"/toy/box": {"post": operation("box", {k: v for k, v in responses.items() if v}, **sent)}}


async def test_the_type_in_the_graph_decides_the_status(tmp_path: Path) -> None:
    path = contract(tmp_path, box(), {"box": OPEN})
    made, found = (
        await ask(path, "POST", "/toy/box", {}),
        await ask(path, "POST", "/toy/box", {"name": "old"}),
    )
    assert (made.status, made.json) == (201, {"name": "new"})
    assert (found.status, found.json) == (200, {"name": "old", "size": 3})


async def test_one_of_several_answers_may_be_empty(tmp_path: Path) -> None:
    empty = {"204": {"description": "Made.", "x-when": "Made", "x-graph": "/open"}, "201": None}
    path = contract(tmp_path, box(**empty), {"box": OPEN})
    made = await ask(path, "POST", "/toy/box", {})
    assert (made.status, made.body, made.headers.get("content-type")) == (204, b"", None)


@pytest.mark.parametrize(
    ("changes", "query", "problem"),
    [
        ({"201": answer(**CLOSED, properties=NAMED)}, OPEN, "There are 2 successful answers."),
        ({"201": None}, OPEN, "No answer is for Made."),
        (
            {"201": {**answer(**CLOSED, required=["name"], properties=NAMED), "x-when": "Found"}},
            OPEN,
            "x-when 'Found' is no open choice.",
        ),
        ({"202": {**answer(**CLOSED), "x-when": "Lost"}}, OPEN, "x-when 'Lost' is no open choice."),
        (
            {"202": {**answer(type="object", **{"x-graph": "/"}), "x-when": "Lost"}},
            OPEN,
            "The successes stand at several places.",
        ),
        ({}, OPEN.replace("__typename", ""), "The document does not select __typename."),
        (
            {},
            "query box($name: String!) { open: text(name: $name) }",
            "Several successes would be a guess here.",
        ),
        ({"200": None, "201": None}, OPEN, "There are 0 successful answers."),
    ],
)
def test_several_answers_that_do_not_fit_the_graph_are_refused(
    changes: dict[str, Any], query: str, problem: str, tmp_path: Path
) -> None:
    paths = box(**changes)
    only = [status for status in paths["/toy/box"]["post"]["responses"] if status.startswith("2")]
    if len(only) == 1:
        # One success with x-when is said to be one of several.
        paths["/toy/box"]["post"]["responses"]["202"] = {
            **answer(**CLOSED, required=["name", "size"], properties=SIZED),
            "x-when": "None",
        }
    assert problem in problems(contract(tmp_path, paths, {"box": query}))


def text(response: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An operation that answers the text of a name."""
    parameter = {"name": "name", "in": "query", "schema": {"type": "string", "x-sanitize": ["typed"]}}
    return {"/toy/text": {"get": operation("text", response, parameters=[parameter], **more)}}


TEXT = "query text($name: String) { text(name: $name) }"
PLAIN = {"200": answer("text/x-boxes; charset=utf-8", type="string", **{"x-graph": "/text"})}


KEPT = {"x-errors": {"UNFIT": {"status": 500, "body": {"error": "Unfit"}}, "*": {"status": 500, "body": {}}}}


async def test_an_answer_may_be_text_of_another_media_type(tmp_path: Path) -> None:
    said = await ask(contract(tmp_path, text(PLAIN, **KEPT), {"text": TEXT}), "GET", "/toy/text?name=%C3%A9")
    assert (said.status, said.body.decode()) == (200, "<é>")
    assert said.headers["content-type"] == "text/x-boxes; charset=utf-8"


LOST = {
    "x-errors": {
        "COURSE_NOT_FOUND": {
            "status": 400,
            "type": "text/x-boxes; charset=utf-8",
            "body": {"error": "{$request.query.name}?"},
        },
        "UNFIT": {"status": 500, "body": {"error": "Unfit"}},
    }
}


def with_headers(**headers: Any) -> dict[str, Any]:
    """The answer of the text, with headers."""
    return {"200": {**PLAIN["200"], "headers": {name: {"schema": each} for name, each in headers.items()}}}


async def test_an_error_may_be_json_under_another_media_type(tmp_path: Path) -> None:
    schema = {"schema": {"type": "object"}}
    failed = {
        "description": "No.",
        "content": {"text/x-boxes; charset=utf-8": schema, "application/json": schema},
    }
    path = contract(tmp_path, text({**PLAIN, "400": failed}, **LOST), {"text": TEXT})
    said = await ask(path, "GET", "/toy/text?name=none")
    assert (said.status, said.json) == (400, {"error": "none?"})
    assert said.headers["content-type"] == "text/x-boxes; charset=utf-8"


def test_the_media_type_of_an_error_is_documented(tmp_path: Path) -> None:
    path = contract(tmp_path, text(PLAIN, **LOST), {"text": TEXT})
    problem = "COURSE_NOT_FOUND answers 400 text/x-boxes; charset=utf-8, which is not documented."
    assert problem in problems(path)


async def test_headers_have_values_of_the_contract_the_graph_and_the_request(tmp_path: Path) -> None:
    headers = with_headers(
        X_Fixed={"const": "yes"},
        X_Graph={"type": "string", "x-graph": "/text"},
        X_Text={"type": "string", "x-graph": 'attachment; filename="{$request.query.name}.box"'},
        X_Said={"type": "string"},
    )
    said = await ask(contract(tmp_path, text(headers, **KEPT), {"text": TEXT}), "GET", "/toy/text?name=a")
    kept = {name: value for name, value in said.headers.items() if name.startswith("x_")}
    assert kept == {"x_fixed": "yes", "x_graph": "<a>", "x_text": 'attachment; filename="a.box"'}


@pytest.mark.parametrize("name", ["a%0D%0AX-Evil:%201", "%E4%BD%A0", "a%00"])
async def test_what_is_no_header_is_unfit(name: str, tmp_path: Path) -> None:
    headers = with_headers(X_Graph={"type": "string", "x-graph": "/text"})
    path = contract(tmp_path, text(headers, **KEPT), {"text": TEXT})
    said = await ask(path, "GET", f"/toy/text?name={name}")
    assert (said.status, said.json) == (500, {"error": "Unfit"})
    assert "x_graph" not in said.headers


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ({"const": "a\nb"}, "'a\\nb' is no value of a header."),
        ({"const": "你"}, "'你' is no value of a header."),
        ({"x-graph": "$nothing"}, "The expression '$nothing' means nothing"),
        ({"x-graph": "/none"}, "The document selects no 'none' for '/none'."),
    ],
)
def test_a_header_that_means_nothing_is_refused(header: Any, problem: str, tmp_path: Path) -> None:
    path = contract(tmp_path, text(with_headers(X_It={"type": "string", **header}), **KEPT), {"text": TEXT})
    assert any(each.startswith(problem) for each in problems(path)), problems(path)


@pytest.mark.parametrize(
    ("response", "problem"),
    [
        ({"200": {"description": "It."}}, "The 200 has no application/json schema."),
        ({"200": {"description": "It.", "content": {"text/plain": {}}}}, "The 200 has no text/plain schema."),
        ({"200": answer("text/plain", type="object")}, "text/plain is written from text."),
    ],
)
def test_an_answer_without_a_body_it_needs_is_refused(response: Any, problem: str, tmp_path: Path) -> None:
    assert problem in problems(contract(tmp_path, text(response, **KEPT), {"text": TEXT}))
