"""Where the old server ran for development, its error handler told more; the contract says what."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from compat_rest.contract.expressions import Scope
from compat_rest.engine import compile_engine
from compat_rest.samples import SampleRequest
from tests.compat_rest.contracts import ENVIRON, ROOT, SCHEMA
from tests.compat_rest.toys import answer, ask, body, contract, operation, problems

THROWN = {"name": "$error.name", "thrown": "$error.thrown", "stack": "{$error.name}: {$error.message}"}
ERRORS = {
    "UNREADABLE_BODY": {
        "status": 500,
        "body": {"error": "Failed"},
        "development": {"status": 400, "body": THROWN},
    },
    "*": {"status": 500, "body": {"error": "Failed"}},
}


def failing(folder: Path, environment: str, errors: Mapping[str, Any] = ERRORS) -> Path:
    """A contract with one operation that takes a body."""
    surface = {"errors": errors, "values": {"environment": environment}}
    shown = answer(type="string", **{"x-graph": "/text"})
    posted = operation("text", {"200": shown}, **body())
    return contract(folder, {"/toy/text": {"post": posted}}, {"text": "{ text }"}, surface)


async def test_developers_are_told_what_was_thrown(tmp_path: Path) -> None:
    said = await ask(failing(tmp_path, "development"), "POST", "/toy/text", b'{"password": "secret"')
    message = "Expected ',' or '}' after property value in JSON at position 21"
    assert (said.status, said.json) == (
        400,
        {
            "name": "SyntaxError",
            "thrown": {"expose": True, "statusCode": 400, "status": 400, "type": "entity.parse.failed"},
            "stack": f"SyntaxError: {message}",
        },
    )
    assert "secret" not in json.dumps(said.json)


@pytest.mark.parametrize("environment", ["production", "test", ""])
async def test_nobody_else_is(environment: str, tmp_path: Path) -> None:
    said = await ask(failing(tmp_path, environment), "POST", "/toy/text", b"{")
    assert (said.status, said.json) == (500, {"error": "Failed"})


@pytest.mark.parametrize("environment", ["development", "production"])
def test_both_answers_are_proven(environment: str, tmp_path: Path) -> None:
    """A row for developers has to be documented, whichever of the two is served."""
    errors = {"*": {**ERRORS["*"], "development": {"status": 418, "body": {}}}}
    found = problems(failing(tmp_path, environment, errors))
    assert "INTERNAL answers 418 application/json, which is not documented." in found


@pytest.mark.parametrize(
    ("surface", "production", "development"),
    [
        (
            "gateway",
            (500, {"status": "error", "message": "Something went wrong!"}),
            (400, {"status": "error", "error": {"a": 1}, "message": "Bad", "stack": "SyntaxError: Bad"}),
        ),
        (
            "auth",
            (500, {"error": "SyntaxError", "message": "Internal Server Error"}),
            (
                500,
                {"error": "SyntaxError", "message": "Internal Server Error", "stack": "SyntaxError: Bad"},
            ),
        ),
        (
            "genealogy",
            (400, {"success": False, "error": "Bad"}),
            (400, {"success": False, "error": "Bad", "stack": "SyntaxError: Bad"}),
        ),
    ],
)
def test_each_old_server_had_a_form_of_its_own(
    surface: str, production: tuple[int, Any], development: tuple[int, Any]
) -> None:
    details = {"name": "SyntaxError", "message": "Bad", "status": 400, "thrown": {"a": 1}}
    for environment, expected in (("production", production), ("development", development)):
        engine = compile_engine(ROOT / "openapi.yaml", SCHEMA, {**ENVIRON, "NODE_ENV": environment})
        row = engine.surfaces[surface].errors.row("UNREADABLE_BODY", of_document=False)
        assert row is not None and row.body is not None
        assert (row.status, row.body(Scope(SampleRequest(), error=details))) == expected
