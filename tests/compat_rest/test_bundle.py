"""A contract of several files: what one file may say, and the one document that machines are given."""

import json
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner
from openapi_spec_validator import validate

from compat_rest.contract.bundle import bundled
from compat_rest.contract.source import read
from compat_rest.stats import statistics
from server.commands.check import command
from tests.compat_rest.contracts import ROOT
from tests.compat_rest.toys import ask, contract, engine, operation, problems

PATH = "/toy/text"
POINTER = "contract/toy.yaml#/paths/~1toy~1text"
SCHEMAS: dict[str, Any] = {
    "Text": {"type": "string"},
    "Answer": {
        "type": "object",
        "required": ["text", "kind"],
        "properties": {
            "text": {"$ref": "#/components/schemas/Text"},
            "kind": {"$ref": "../openapi.yaml#/components/schemas/Kind"},
        },
    },
}
PART: dict[str, Any] = {
    "paths": {
        PATH: {
            "get": operation(
                "text",
                {
                    "200": {"$ref": "#/components/responses/Answer"},
                    "500": {"$ref": "#/components/responses/Failed"},
                },
            )
        }
    },
    "components": {
        "schemas": SCHEMAS,
        "responses": {
            "Answer": {
                "description": "It.",
                "content": {
                    "application/json": {"schema": {"x-graph": "/", "$ref": "#/components/schemas/Answer"}}
                },
            }
        },
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    },
}
SHARED: dict[str, Any] = {
    "schemas": {"Kind": {"const": "text"}},
    "responses": {
        "Failed": {"description": "No.", "content": {"application/json": {"schema": {"type": "object"}}}}
    },
}
TOKEN = {"scheme": "token", "secret": "$env.KEY", "algorithms": ["HS256"]}


def split(folder: Path, part: dict[str, Any] = PART, shared: dict[str, Any] = SHARED) -> Path:
    """A contract whose one path stands in a file of its own."""
    (folder / "contract").mkdir()
    (folder / "contract/toy.yaml").write_text(yaml.safe_dump(part, sort_keys=False))
    paths = {PATH: {"$ref": POINTER}}
    return contract(folder, paths, {"text": "{ text }"}, {"identity": [TOKEN]}, components=shared)


async def test_a_path_of_another_file_answers(tmp_path: Path) -> None:
    said = await ask(split(tmp_path), "GET", PATH)
    assert (said.status, said.json) == (200, {"text": "<None>", "kind": "text"})


def test_one_document_holds_everything(tmp_path: Path) -> None:
    whole = bundled(read(split(tmp_path)))
    (get,) = whole["paths"][PATH].values()
    assert get["responses"]["200"] == {"$ref": "#/components/responses/Answer"}
    assert sorted(whole["components"]["schemas"]) == ["Answer", "Kind", "Text"]
    kind = whole["components"]["schemas"]["Answer"]["properties"]["kind"]
    assert kind == {"$ref": "#/components/schemas/Kind"}
    assert sorted(whole["components"]["responses"]) == ["Answer", "Failed"]
    assert "toy.yaml" not in json.dumps(whole)
    validate(whole)


def test_a_contract_of_one_file_is_its_own_document(tmp_path: Path) -> None:
    source = read(contract(tmp_path, {PATH: PART["paths"][PATH]}))
    assert bundled(source) == source.data


def test_a_name_that_stands_in_two_files_is_refused(tmp_path: Path) -> None:
    shared = {**SHARED, "schemas": {**SHARED["schemas"], "Text": {"type": "integer"}}}
    path = split(tmp_path, shared=shared)
    assert problems(path) == ["'Text' stands in openapi.yaml too."]


def test_a_path_that_the_first_file_does_not_list_is_refused(tmp_path: Path) -> None:
    paths = {**PART["paths"], "/toy/other": {"get": operation("other", {})}}
    path = split(tmp_path, {**PART, "paths": paths})
    assert problems(path) == ["openapi.yaml does not list /toy/other."]


def test_a_file_that_no_path_leads_into_is_refused(tmp_path: Path) -> None:
    path = split(tmp_path)
    (tmp_path / "contract/more.yaml").write_text("paths: {}")
    assert problems(path) == ["No path leads into this file."]


def test_words_of_every_file_are_looked_at(tmp_path: Path) -> None:
    schemas = {**SCHEMAS, "Text": {"type": "string", "x-grahp": "text"}}
    components = {**PART["components"], "schemas": schemas}
    assert problems(split(tmp_path, {**PART, "components": components})) == ["There is no word 'x-grahp'."]


def test_words_are_counted_where_their_operations_stand(tmp_path: Path) -> None:
    counts = statistics(engine(split(tmp_path)))
    assert (counts["toy"]["x-graph"], counts["components"].get("x-graph")) == (1, None)
    assert counts["toy"]["5xx rows"] == 1


def test_the_command_writes_the_one_document(tmp_path: Path) -> None:
    target = tmp_path / "whole.json"
    result = CliRunner().invoke(command, [str(ROOT / "openapi.yaml"), "--bundle", str(target)])
    assert result.exit_code == 0, result.output
    whole = json.loads(target.read_text())
    assert whole["openapi"].startswith("3.1")
    assert all("$ref" not in item for item in whole["paths"].values())
