"""A response schema and a selection: what is proven, and what is written."""

import json
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema, parse

from compat_rest.contract.expressions import Scope
from compat_rest.contract.findings import Collector
from compat_rest.dialects.ascii_json import AsciiJson
from compat_rest.nulls import PromiseBroken
from compat_rest.outward import Outward
from compat_rest.samples import SampleRequest
from compat_rest.selection import select
from tests.compat_rest.contracts import node, problems

SDL = build_schema("""
    scalar DateTime
    scalar Number
    scalar Colour
    enum Size { SMALL LARGE }
    type Box {
      id: ID!, name: String, size: Size!, tags: [String!]!, notes: [String], inner: Box, rows: [[Int!]!]!
      when: DateTime!, weight: Number!, colour: Colour!, open: Boolean!, many: Int!
    }
    type Crate { id: ID!, planks: Int! }
    union Thing = Box | Crate
    type Edge { node: Box! }
    type Wrap { box: Box }
    type Query {
      box: Box, boxes: [Box!]!, thing: Thing!, edges: [Edge!]!, shelf: Box!, lists: [Wrap!]!, maybe: [Box!]
    }
""")

Value = dict[str, Any]


def closed(**properties: Any) -> Value:
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def outward(
    folder: Path, query: str, schema: Value, *, sort: bool = False
) -> tuple[Any, Collector, list[str]]:
    found = Collector()
    compiler = Outward("test.case", {}, found, "js", sort, select(SDL, parse(query)))
    return compiler.compile(node(schema, folder)), found, compiler.unproven


def written(folder: Path, query: str, schema: Value, data: Value, *, sort: bool = False) -> Any:
    write, found, _ = outward(folder, query, schema, sort=sort)
    assert problems(found) == []
    return write(data, Scope(SampleRequest(), data=data))


def refused(folder: Path, query: str, schema: Value) -> list[str]:
    return problems(outward(folder, query, schema)[1])


def test_names_constants_and_order_come_from_the_contract(tmp_path: Path) -> None:
    schema = closed(z={"const": 1}, shelf=closed(open={"type": "boolean"}, id={"type": "string"}))
    data = {"shelf": {"id": "7", "open": True}}
    assert list(written(tmp_path, "{ shelf { id open } }", schema, data)) == ["z", "shelf"]
    assert list(written(tmp_path, "{ shelf { id open } }", schema, data, sort=True)) == ["shelf", "z"]


def test_a_pointer_maps_over_a_list(tmp_path: Path) -> None:
    schema = closed(
        boxes={"type": "array", "x-graph": "/edges/*/node", "items": closed(id={"type": "string"})}
    )
    data = {"edges": [{"node": {"id": "1"}}, {"node": {"id": "2"}}]}
    assert written(tmp_path, "{ edges { node { id } } }", schema, data) == {
        "boxes": [{"id": "1"}, {"id": "2"}]
    }


def test_a_pointer_moves_the_children_of_an_object(tmp_path: Path) -> None:
    schema = {
        **closed(id={"type": "string"}, size={"type": "integer", "x-graph": "/shelf/many"}),
        "x-graph": "/shelf",
    }
    data = {"shelf": {"id": "1", "many": 3}}
    assert written(tmp_path, "{ shelf { id many } }", schema, data) == {"id": "1", "size": 3}


def test_objects_may_stand_at_one_place_of_the_graph_however_deep(tmp_path: Path) -> None:
    text, here = {"type": "string"}, {"x-graph": ""}
    inner = {**closed(id=text, again={**closed(id=text), **here}), **here}
    schema = closed(outer={**closed(inner=inner), "x-graph": "shelf"})
    assert written(tmp_path, "{ shelf { id } }", schema, {"shelf": {"id": "1"}}) == {
        "outer": {"inner": {"id": "1", "again": {"id": "1"}}}
    }


def test_null_is_written_left_out_or_replaced_as_the_contract_says(tmp_path: Path) -> None:
    query, data = "{ shelf { name } }", {"shelf": {"name": None}}

    def shelf(name: Value, *, required: bool) -> Value:
        inner = {**closed(name=name), "required": ["name"] if required else []}
        return closed(shelf=inner)

    null = {"type": ["string", "null"]}
    assert written(tmp_path, query, shelf(null, required=True), data) == {"shelf": {"name": None}}
    assert written(tmp_path, query, shelf({"type": "string"}, required=False), data) == {"shelf": {}}
    default = {"type": "string", "default": "nobody"}
    assert written(tmp_path, query, shelf(default, required=True), data) == {"shelf": {"name": "nobody"}}
    omit = {**null, "x-null": "omit"}
    assert written(tmp_path, query, shelf(omit, required=False), data) == {"shelf": {}}
    write = {**null, "x-null": "write"}
    assert written(tmp_path, query, shelf(write, required=False), data) == {"shelf": {"name": None}}
    fail = {"type": "string", "x-null": {"fail": "every shelf has one"}}
    with pytest.raises(PromiseBroken, match="every shelf has one"):
        written(tmp_path, query, shelf(fail, required=True), data)


def test_a_union_is_written_by_the_branch_of_its_type(tmp_path: Path) -> None:
    query = "{ thing { __typename ... on Box { id } ... on Crate { planks } } }"
    box = {**closed(id={"type": "string"}), "x-when": "Box"}
    crate = {**closed(planks={"type": "integer"}), "x-when": "Crate"}
    schema = closed(thing={"oneOf": [box, crate]})
    data = {"thing": {"__typename": "Crate", "planks": 9}}
    assert written(tmp_path, query, schema, data) == {"thing": {"planks": 9}}
    assert refused(tmp_path, query, closed(thing={"oneOf": [box]})) == ["No branch is for Crate."]
    assert "x-when 'Box' is no open choice." in refused(tmp_path, query, closed(thing={"oneOf": [box, box]}))
    untyped = "{ thing { ... on Box { id } ... on Crate { planks } } }"
    assert refused(tmp_path, untyped, schema) == ["The document does not select __typename."]
    assert refused(tmp_path, "{ shelf { id } }", closed(shelf={"oneOf": [box]})) == [
        "A oneOf would be a guess here."
    ]


def test_without_a_choice_only_what_all_types_share_is_there(tmp_path: Path) -> None:
    query = "{ thing { ... on Box { id open } ... on Crate { id planks } } }"
    shared = closed(thing=closed(id={"type": "string"}))
    assert written(tmp_path, query, shared, {"thing": {"id": "4"}}) == {"thing": {"id": "4"}}
    assert refused(tmp_path, query, closed(thing=closed(open={"type": "boolean"})))[0].startswith(
        "The document selects no 'open'"
    )


def test_fragments_and_merged_fields_are_one_selection(tmp_path: Path) -> None:
    query = "{ shelf { ...a } shelf { inner { id } } } fragment a on Box { id inner { open } }"
    inner = {**closed(id={"type": "string"}, open={"type": "boolean"}), "type": ["object", "null"]}
    data = {"shelf": {"id": "1", "inner": {"id": "2", "open": False}}}
    schema = closed(shelf=closed(id={"type": "string"}, inner=inner))
    assert written(tmp_path, query, schema, data) == data


def test_a_conditional_field_may_be_missing(tmp_path: Path) -> None:
    query = "query($more: Boolean!) { shelf { open @include(if: $more) } }"
    refusal = "Box.open may be null, 'open' may not."
    assert refused(tmp_path, query, closed(shelf=closed(open={"type": "boolean"}))) == [refusal]


def test_enums_are_spelt_as_the_contract_spells_them(tmp_path: Path) -> None:
    query, data = "{ shelf { size } }", {"shelf": {"size": "LARGE"}}
    spelt = {"enum": ["s", "l"], "x-values": {"s": "SMALL", "l": ["LARGE"]}}
    assert written(tmp_path, query, closed(shelf=closed(size=spelt)), data) == {"shelf": {"size": "l"}}
    same = {"enum": ["SMALL", "LARGE"]}
    assert written(tmp_path, query, closed(shelf=closed(size=same)), data) == {"shelf": {"size": "LARGE"}}
    assert refused(tmp_path, query, closed(shelf=closed(size={"enum": ["SMALL", "HUGE"]}))) == [
        "Size.LARGE has no spelling.",
        "Size has no value HUGE.",
    ]


def test_numbers_and_lists_of_lists(tmp_path: Path) -> None:
    rows = {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}
    schema = closed(shelf=closed(weight={"type": "number"}, rows=rows))
    data = {"shelf": {"weight": 15.0, "rows": [[1], []]}}
    answer = written(tmp_path, "{ shelf { weight rows } }", schema, data)
    assert repr(answer["shelf"]["weight"]) == "15"
    assert answer["shelf"]["rows"] == [[1], []]


def test_values_of_the_request_are_written(tmp_path: Path) -> None:
    schema = closed(method={"type": "string", "x-graph": "$method"}, shelf=closed(id={"type": "string"}))
    data = {"shelf": {"id": "1"}}
    assert written(tmp_path, "{ shelf { id } }", schema, data) == {"method": "GET", "shelf": {"id": "1"}}
    unsent = {"type": "string", "x-graph": "$data#/shelf/name", "x-null": "omit"}
    schema = {**closed(page=unsent, shelf=closed(id={"type": "string"})), "required": ["shelf"]}
    assert written(tmp_path, "{ shelf { id } }", schema, data) == {"shelf": {"id": "1"}}


TEXT = {"type": "string"}
TOLD = {"type": ["string", "null"], "x-null": {"when": "open"}}


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ({"name": "a", "open": False}, {"name": "a"}),
        ({"name": None, "open": True}, {"name": None}),
        ({"name": None, "open": False}, {}),
        ({"name": None, "open": None}, {}),
    ],
)
def test_null_is_written_where_a_field_beside_it_says_so(data: Value, answer: Value, tmp_path: Path) -> None:
    schema = closed(shelf={**closed(name=TOLD), "required": []})
    assert written(tmp_path, "{ shelf { name open } }", schema, {"shelf": data}) == {"shelf": answer}


@pytest.mark.parametrize(
    ("query", "schema", "problem"),
    [
        ("{ shelf { name } }", TOLD, "The document selects no Boolean 'open' that `x-null` could ask."),
        (
            "{ shelf { name open: id } }",
            TOLD,
            "The document selects no Boolean 'open' that `x-null` could ask.",
        ),
        (
            "{ shelf { name open } }",
            {**TOLD, "type": "string"},
            "It is never both null and absent, as 'open' would have it.",
        ),
        (
            "{ shelf { name: id open } }",
            TOLD,
            "It is never both null and absent, as 'open' would have it.",
        ),
    ],
)
def test_a_field_that_cannot_say_so_is_refused(
    query: str, schema: Value, problem: str, tmp_path: Path
) -> None:
    said = refused(tmp_path, query, closed(shelf={**closed(name=schema), "required": []}))
    assert problem in said


@pytest.mark.parametrize(
    ("query", "schema", "problem"),
    [
        ("{ shelf { id } }", closed(shelf=TEXT), "Query.shelf is an object."),
        ("{ shelf { id } }", closed(shelf=closed(id=closed(a=TEXT))), "Box.id is no object."),
        ("{ shelf { id } }", closed(shelf=closed(id={"type": "integer"})), "Box.id is an ID of any text."),
        ("{ shelf { many } }", closed(shelf=closed(many=TEXT)), "Box.many is Int, which is no string."),
        ("{ shelf { colour } }", closed(shelf=closed(colour=TEXT)), "The scalar Colour is not known."),
        (
            "{ shelf { id } }",
            closed(shelf=closed(id={**TEXT, "enum": ["1"]})),
            "A ID can be anything, the contract",
        ),
        (
            "{ shelf { when } }",
            closed(shelf=closed(when={**TEXT, "x-text": "sundial"})),
            "An instant has no text form",
        ),
        (
            "{ shelf { when } }",
            closed(shelf=closed(when={**TEXT, "format": "date", "x-text": "js"})),
            "x-text 'js' is no date.",
        ),
        (
            "{ shelf { when } }",
            closed(shelf=closed(when={**TEXT, "x-text": "epoch"})),
            "x-text 'epoch' prints a integer.",
        ),
        (
            "{ shelf { name } }",
            closed(shelf=closed(name={"type": ["string", "null"], "x-null": "omit"})),
            "x-null 'omit' contradicts the schema of 'name'.",
        ),
        (
            "{ shelf { name } }",
            closed(shelf={**closed(name={**TEXT, "x-null": "write"}), "required": []}),
            "x-null 'write' contradicts the schema of 'name'.",
        ),
        (
            "{ shelf { size } }",
            closed(shelf=closed(size={"enum": ["s"], "x-values": {"s": "SMALL", "l": "LARGE"}})),
            "'l' is not listed in `enum`.",
        ),
        (
            "{ box { parts: many } shelf { id } }",
            closed(parts={"type": "integer", "x-graph": "/box/parts"}),
            "Box.many may be null, 'parts' may not.",
        ),
        (
            "{ lists { box { id } } }",
            closed(ids={"type": "array", "x-graph": "/lists/*/box/id", "items": TEXT}),
            "An item may be null in the graph.",
        ),
        (
            "{ maybe { id } }",
            closed(ids={"type": "array", "x-graph": "/maybe/*/id", "items": TEXT}),
            "Box.id may be null, 'ids' may not.",
        ),
        (
            "{ shelf { weight } }",
            closed(shelf=closed(weight={"type": "number", "x-text": "roman"})),
            "A number has no text form 'roman'.",
        ),
        ("{ shelf { tags } }", closed(shelf=closed(tags={"type": "array"})), "The array has no `items`."),
        (
            "{ shelf { notes } }",
            closed(shelf=closed(notes={"type": ["array", "null"], "items": TEXT})),
            "An item may be null in the graph.",
        ),
        ("{ shelf { id } }", closed(shelf=closed(id={"type": "array", "items": TEXT})), "Box.id is no list."),
        (
            "{ shelf { tags } }",
            closed(shelf=closed(tags={**TEXT, "x-graph": "tags/*"})),
            "The graph has a list where the contract has none.",
        ),
        (
            "{ shelf { id } }",
            closed(shelf=closed(id={**TEXT, "x-graph": "id/*"})),
            "There is no list for the * of 'id/*'.",
        ),
        (
            "{ boxes { rows } }",
            closed(all={"type": "array", "x-graph": "/boxes/*/rows/*", "items": {"type": "integer"}}),
            "Two * need an array of arrays.",
        ),
        (
            "{ shelf { id } }",
            closed(shelf={**closed(id=TEXT), "required": ["id", "no"]}),
            "'no' is required but not",
        ),
        (
            "{ shelf { id } }",
            closed(shelf={**closed(id=TEXT), "additionalProperties": True}),
            "Only listed properties are written.",
        ),
        (
            "{ shelf { id } }",
            closed(shelf=closed(id={"const": 1})),
            "A constant and a selected field compete.",
        ),
        (
            "{ box { id } }",
            {**closed(id=TEXT), "x-graph": "/box"},
            "The answer's place in the graph may be null.",
        ),
        (
            "{ shelf { name } }",
            closed(shelf={**closed(name={"type": ["string", "null"]}), "required": []}),
            "'name' may be null or absent.",
        ),
        (
            "{ shelf { name } }",
            closed(shelf=closed(name={"type": ["string", "null"], "x-null": "shrug"})),
            "x-null cannot be 'shrug'.",
        ),
        (
            "{ shelf { id } }",
            closed(shelf=closed(id={**TEXT, "x-graph": "$nothing"})),
            "The expression '$nothing' means nothing",
        ),
        (
            "{ shelf { id } }",
            closed(shelf={**closed(id=TEXT), "not": {}}),
            "'not' cannot be proven of an answer.",
        ),
    ],
)
def test_what_does_not_fit_is_refused(query: str, schema: Value, problem: str, tmp_path: Path) -> None:
    found = refused(tmp_path, query, schema)
    assert any(each.startswith(problem) for each in found), found


def test_what_cannot_be_proven_is_counted(tmp_path: Path) -> None:
    schema = closed(
        shelf=closed(id={}, size={"enum": ["SMALL", "LARGE"]}, tags={"type": "array", "items": TEXT})
    )
    schema["properties"]["shelf"]["properties"]["tags"]["items"] = {**TEXT, "maxLength": 3}
    _, found, unproven = outward(tmp_path, "{ shelf { id size tags } }", schema)
    assert problems(found) == []
    assert unproven == [
        "/properties/shelf/properties/id",
        "/properties/shelf/properties/tags/items/maxLength",
    ]


@pytest.mark.parametrize("number", [1.5, 3, 1e15, 10**30, 0.5e-5, 1e300, -2e16, 1e16])
@pytest.mark.parametrize("echo", [None, "2e16", 1e-7, {"a": [0.1, 2e16]}, {"a": [0.1, True]}])
def test_numbers_are_written_as_python_writes_them(number: float, echo: Any, tmp_path: Path) -> None:
    shelf = closed(weight={"type": "number", "x-text": "python"})
    schema = closed(shelf=shelf, echo={"x-graph": "$request.body#/n"})
    found = Collector()
    compiler = Outward("test.case", {}, found, "js", False, select(SDL, parse("{ shelf { weight } }")))
    write = compiler.compile(node(schema, tmp_path))
    scope = Scope(SampleRequest(), body={"n": echo}, data={"shelf": {"weight": number}})
    answer = write(scope.data, scope)
    assert problems(found) == []
    expected = json.dumps({"echo": echo, "shelf": {"weight": number}}, separators=(",", ":")).encode()
    assert AsciiJson()(answer, compiler.plain and scope.plain) == expected


@pytest.mark.parametrize(
    ("schema", "plain"),
    [
        ({"const": 1.5}, True),
        ({"const": {"a": [1e20]}}, False),
        ({"type": ["string", "null"], "x-graph": "name", "default": 1e-9}, False),
        ({"default": 1e-9}, False),
    ],
)
def test_constants_that_json_writers_spell_differently_are_noted_at_start(
    schema: Value, plain: bool, tmp_path: Path
) -> None:
    found = Collector()
    compiler = Outward("test.case", {}, found, "js", False, select(SDL, parse("{ shelf { name } }")))
    compiler.compile(node(closed(shelf=closed(x=schema)), tmp_path))
    assert compiler.plain is plain
