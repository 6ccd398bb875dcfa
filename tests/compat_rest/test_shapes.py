"""Which objects a plan writes in the contract's form by itself, and that nobody can tell."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from graphql import ExecutionResult, execute, parse

import schema
from compat_rest.contract.expressions import Scope
from compat_rest.contract.findings import Collector
from compat_rest.engine import compile_engine
from compat_rest.outward import Outward
from compat_rest.samples import SampleRequest
from compat_rest.selection import select
from schema.execution.plan import Plan, Uncompiled, compile_operation
from schema.execution.prepared import Prepared
from schema.execution.shape import Member, Shape
from tests.compat_rest.contracts import ENVIRON, ROOT, node, problems
from tests.compat_rest.test_outward import SDL, Value, closed

TEXT = {"type": "string"}
WHEN = {"at": datetime(2026, 1, 2, 3, 4, 5, 678000), "us": 9, "text": None}
BOX: Value = {
    "id": "7", "name": None, "size": "SMALL", "when": WHEN, "weight": 1e22, "tags": ["a", "b"],
    "open": True, "many": 3,
}  # fmt: skip
ROOT_VALUE: Value = {
    "shelf": {**BOX, "inner": {**BOX, "inner": None, "id": "8"}},
    "edges": [{"node": BOX}, {"node": {**BOX, "name": "n"}}],
    "boxes": [BOX, BOX],
    "box": None,
    "thing": {"__typename": "Crate", "id": "1", "planks": 2},
}
PRINTED = {
    "size": {"type": "string", "enum": ["small", "LARGE"], "x-values": {"small": "SMALL", "LARGE": "LARGE"}},
    "when": {"type": "string", "x-text": "js"},
    "weight": {"type": "number"},
    "tags": {"type": "array", "items": TEXT},
    "name": {"type": ["string", "null"]},
    "key": {"type": "string", "x-graph": "id"},
}


def shape_of(folder: Path, query: str, wanted: Value, *, sort: bool = False) -> Shape:
    """What a plan would write of an answer."""
    outward = Outward("test.case", {}, found := Collector(), "js", sort, select(SDL, parse(query)))
    outward.compile(node(wanted, folder))
    assert problems(found) == []
    return outward.shapes.shape()


def both(folder: Path, query: str, wanted: Value, *, sort: bool = False) -> tuple[str, str]:
    """The texts of an answer: written whole by the writer, and mostly by the plan."""
    shape = shape_of(folder, query, wanted, sort=sort)
    assert shape
    plan = compile_operation(SDL, parse(query), shape=shape)
    assert isinstance(plan, Plan)
    stock, planned = execute(SDL, parse(query), ROOT_VALUE), plan.run(None, {}, root=ROOT_VALUE)
    texts = []
    for result, known in ((stock, {}), (planned, shape)):
        assert isinstance(result, ExecutionResult) and result.errors is None
        outward = Outward("test.case", {}, Collector(), "js", sort, select(SDL, parse(query)), shape=known)
        write = outward.compile(node(wanted, folder))
        texts.append(json.dumps(write(result.data, Scope(SampleRequest(), data=result.data))))
    return texts[0], texts[1]


@pytest.mark.parametrize("sort", [False, True])
def test_a_plan_writes_what_the_writer_would(tmp_path: Path, sort: bool) -> None:
    inner = {**closed(**PRINTED), "type": ["object", "null"]}
    items = {"type": "array", "x-graph": "/edges/*/node", "items": closed(**PRINTED)}
    fields = "size when weight tags name id"
    query = f"{{ shelf {{ inner {{ {fields} }} {fields} }} edges {{ node {{ {fields} }} }} box {{ id }} }}"
    wanted = closed(
        shelf=closed(**PRINTED, inner=inner), items=items, box={**closed(id=TEXT), "type": ["object", "null"]}
    )
    whole, planned = both(tmp_path, query, wanted, sort=sort)
    assert whole == planned
    assert '"small"' in whole and '"2026-01-02T03:04:05.678Z"' in whole and "1e+22" in whole


def test_every_object_that_stands_alone_is_the_plan_s(tmp_path: Path) -> None:
    wanted = closed(shelf=closed(id=TEXT, inner={**closed(id=TEXT), "type": ["object", "null"]}))
    shape = shape_of(tmp_path, "{ shelf { id inner { id } } }", wanted)
    assert list(shape) == [("shelf", "inner"), ("shelf",)]


ALIKE: dict[str, tuple[str, Value]] = {
    "a constant": ("{ shelf { id } }", closed(shelf=closed(id=TEXT, kind={"const": 1}))),
    "a key that is written twice": (
        "{ shelf { id } }",
        closed(shelf=closed(id=TEXT, b={**TEXT, "x-graph": "id"})),
    ),
    "a key that is not written": ("{ shelf { id open } }", closed(shelf=closed(id=TEXT))),
    "an object that is written twice": (
        "{ shelf { id } }",
        closed(shelf=closed(id=TEXT), again={**closed(id=TEXT), "x-graph": "/shelf"}),
    ),
    "a pointer from elsewhere": (
        "{ shelf { id } }",
        closed(shelf=closed(id=TEXT), first={**TEXT, "x-graph": "/shelf/id"}),
    ),
    "a value of the request": (
        "{ shelf { id } }",
        closed(shelf=closed(id=TEXT, path={**TEXT, "x-graph": "$request.path.a"})),
    ),
    "null left out": (
        "{ shelf { name } }",
        closed(shelf={**closed(name={**TEXT, "x-null": "omit"}), "required": []}),
    ),
    "a default for null": ("{ shelf { name } }", closed(shelf=closed(name={**TEXT, "default": "none"}))),
    "a field that may be left out": (
        "query q($a: Boolean!) { shelf { name @include(if: $a) id } }",
        closed(shelf=closed(name={"type": ["string", "null"]}, id=TEXT)),
    ),
    "a choice": (
        "{ thing { __typename ... on Box { id } ... on Crate { id } } }",
        closed(thing={"oneOf": [{**closed(id=TEXT), "x-when": name} for name in ("Box", "Crate")]}),
    ),
    "an object around one that cannot be": (
        "{ shelf { id inner { id } } }",
        closed(
            shelf=closed(id=TEXT, inner={**closed(id=TEXT, k={"const": 1}), "type": ["object", "null"]})
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ALIKE)
def test_what_needs_more_than_reading_is_left_to_the_writer(tmp_path: Path, name: str) -> None:
    query, wanted = ALIKE[name]
    assert shape_of(tmp_path, query, wanted) == {}


def test_a_plan_needs_one_form_for_each_selection() -> None:
    query = parse(
        "{ shelf { ...f inner { ...g } } box { ...g } } fragment f on Box { id } fragment g on Box { id }"
    )
    shape: Shape = {("box",): (Member("id", "key"),)}
    assert compile_operation(SDL, query, shape=shape) == Uncompiled("shape")


def test_conditions_and_shapes_do_not_go_together() -> None:
    query = parse("query q($a: Boolean!) { shelf { id } box @include(if: $a) { id } }")
    assert compile_operation(SDL, query, shape={("shelf",): ()}) == Uncompiled("shape")


def test_the_landed_contract_s_lists_are_written_by_plans() -> None:
    eager = schema.build(leaves="raw", execution="eager")
    endpoints = compile_engine(ROOT / "openapi.yaml", eager, ENVIRON).surfaces["mandarin"].endpoints
    documents = {name: endpoint.document for name, endpoint in endpoints.items()}
    plans = {name: each.plan for name, each in documents.items() if isinstance(each, Prepared)}
    shaped: dict[str, Any] = {
        name: list(plan.shape) for name, plan in plans.items() if isinstance(plan, Plan) and plan.shape
    }
    assert shaped["mandarin.courses"] == [("courses", "edges", "node")]
    assert shaped["mandarin.course"] == [("course", "content"), ("course",)]
