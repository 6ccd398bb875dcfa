"""Operations and tolerances come from openapi.yaml."""

from pathlib import Path

import pytest
import yaml

from compat_rest.contract.findings import Collector
from compat_rest.contract.operations import read_contract
from compat_rest.parity.contract import BadTolerance, SurfaceContract
from compat_rest.parity.tolerance import Tolerance, none

CONTRACT = """
openapi: 3.1.0
info: {title: T, version: '1'}
x-surfaces: {old: {prefix: /old, hosts: [old.test], dialect: flask}}
components:
  schemas:
    Node:
      type: object
      properties:
        id: {type: string, x-parity: {identity: made at random}}
        below: {type: array, items: {$ref: '#/components/schemas/Node'}}
paths:
  /old/trees/{tree_id}:
    parameters: [{name: tree_id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: old.tree
      responses:
        '200':
          headers: {X-Reset: {schema: {type: integer}, x-parity: {volatile: counts down}}}
          content:
            application/json:
              schema:
                type: object
                x-parity: {order: the store kept the order of writes}
                properties:
                  at: {type: string, x-parity: {near: read twice, within: 60ms}}
                  'a/b': {type: integer, x-parity: {value: 'counts edits'}}
                  tags: {type: object, additionalProperties: {type: string, x-parity: {volatile: any}}}
                  kind: {oneOf: [{type: string, x-parity: {added: new}}, {type: 'null'}]}
        4XX: {description: None, x-parity: {volatile: worded anew}}
        '204': {description: Nothing.}
  /old/trees/{name}/people:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    post:
      operationId: old.people
      x-parity: {order: no order is promised}
      responses:
        default: {content: {application/json: {schema: {$ref: '#/components/schemas/Node'}}}}
"""


def spoken(folder: Path, text: str = CONTRACT) -> SurfaceContract:
    path = folder / "openapi.yaml"
    path.write_text(text)
    return SurfaceContract(read_contract(path, {}, Collector()), "old")


def test_requests_find_their_operation(tmp_path: Path) -> None:
    contract = spoken(tmp_path)
    asked = {
        ("GET", "/trees/7"): "old.tree",
        ("HEAD", "/trees/%37"): "old.tree",
        ("GET", "/trees/seven"): None,
        ("POST", "/trees/7"): None,
        ("OPTIONS", "/trees/7"): None,
        ("POST", "/trees/x/people"): "old.people",
        ("POST", "/trees/x/people/"): None,
    }
    assert {request: contract.operation(*request) for request in asked} == asked


def test_a_lenient_framework_takes_any_case_and_a_slash_more_or_less(tmp_path: Path) -> None:
    contract = spoken(tmp_path, CONTRACT.replace("dialect: flask", "dialect: express"))
    asked = {
        ("GET", "/Trees/7"): "old.tree",
        ("HEAD", "/trees/7/"): "old.tree",
        ("GET", "/trees/seven/"): None,
        ("POST", "/trees/X/PEOPLE/"): "old.people",
        ("GET", "/trees//7"): None,
    }
    assert {request: contract.operation(*request) for request in asked} == asked
    assert list(contract.tolerances("POST", "/TREES/x/people", 201)) == list(
        contract.tolerances("POST", "/trees/x/people", 201)
    )


def test_tolerances_stand_where_the_schema_says(tmp_path: Path) -> None:
    contract = spoken(tmp_path)
    assert list(contract.tolerances("GET", "/trees/7", 200)) == [
        Tolerance("header:X-Reset", "volatile", "counts down"),
        Tolerance("", "order", "the store kept the order of writes"),
        Tolerance("/at", "near", "read twice", 0.06),
        Tolerance("/a~1b", "value", "counts edits"),
        Tolerance("/tags/*", "volatile", "any"),
        Tolerance("/kind", "added", "new"),
    ]
    assert list(contract.tolerances("GET", "/trees/7", 404)) == [Tolerance("", "volatile", "worded anew")]
    assert list(contract.tolerances("GET", "/trees/7", 204)) == []
    assert list(contract.tolerances("GET", "/trees/7", 500)) == []
    assert list(contract.tolerances("GET", "/none", 200)) == []
    assert list(none("GET", "/", 200)) == []


def test_a_schema_that_holds_itself_ends(tmp_path: Path) -> None:
    found = list(spoken(tmp_path).tolerances("POST", "/trees/x/people", 201))
    assert found[:3] == [
        Tolerance("", "order", "no order is promised"),
        Tolerance("/id", "identity", "made at random"),
        Tolerance("/below/*/id", "identity", "made at random"),
    ]
    assert len(found) == 13


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        ("{odd: why}", "x-parity is one of added, volatile, order, near, identity, value with its reason."),
        ("near", "x-parity is one of"),
        ("{near: why}", "x-parity near and within belong together."),
        ("{order: why, within: 1s}", "x-parity near and within belong together."),
        ("{near: why, within: soon}", "within 'soon' is not a number, 60ms or 2s."),
    ],
)
def test_an_unknown_tolerance_is_named_with_its_place(tmp_path: Path, word: str, complaint: str) -> None:
    contract = spoken(tmp_path, CONTRACT.replace("{near: read twice, within: 60ms}", word))
    with pytest.raises(BadTolerance) as error:
        contract.tolerances("GET", "/trees/7", 200)
    assert complaint in str(error.value)
    assert str(error.value).startswith("openapi.yaml:26: /paths/~1old~1trees~1{tree_id}/get/responses/200/")


def test_the_own_contract_adds_three_keys_to_login_and_register(repository: Path) -> None:
    document = yaml.safe_load((repository / "openapi.yaml").read_text())
    assert "mandarin" in document["x-surfaces"]
    environ = {"SECRET_KEY": "x", "JWT_SECRET_KEY": "x"}
    contract = SurfaceContract(read_contract(repository / "openapi.yaml", environ, Collector()), "mandarin")
    for path, status in (("/api/auth/login", 200), ("/api/auth/register", 201)):
        found = contract.tolerances("POST", path, status)
        assert {(one.pointer, one.kind) for one in found} == {
            ("/access_token", "added"),
            ("/expires_in", "added"),
            ("/token_type", "added"),
        }
        assert not contract.tolerances("POST", path, 401)
