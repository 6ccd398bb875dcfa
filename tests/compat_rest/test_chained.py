"""Requests that chains judge: what their values become in the graph, and what is UNFIT."""

from pathlib import Path
from typing import Any

import pytest

from compat_rest.stats import statistics
from tests.compat_rest.toys import answer, ask, body, contract, engine, operation, problems

SORT = """query sort(
  $colours: [Colour!], $colour: Colour, $day: Date, $notes: [ID!], $extra: JSON, $lid: Lid) {
  sort(colours: $colours, colour: $colour, day: $day, notes: $notes, extra: $extra, lid: $lid)
}"""
COLOUR = {
    "type": "string",
    "enum": ["red", "blue"],
    "x-values": {"red": ["RED", "CRIMSON"], "blue": "BLUE"},
    "x-messages": {"enum": "Which?"},
}
TYPED = {"x-sanitize": ["typed"]}
SENT: dict[str, Any] = {
    "colours": COLOUR,
    "colour": COLOUR,
    "day": {"type": "string", **TYPED},
    "notes": {"type": "array", "items": {}, "x-messages": {"array": "A list"}},
    "extra": {},
    "lid": {
        "type": "object",
        "x-messages": {"object": None},
        "required": ["name"],
        "properties": {"name": {"type": "string", **TYPED}, "tint": {**COLOUR, "x-graph": "colour"}},
    },
}
EMPTY: dict[str, Any] = {"colours": [], "colour": None, "day": None, "notes": [], "extra": None, "lid": None}


def sort(folder: Path, changes: Any = None, query: str = SORT, **more: Any) -> Path:
    """A contract whose one operation tells what came in."""
    sent = {name: each for name, each in {**SENT, **(changes or {})}.items() if each is not None}
    posted = operation("sort", {"200": answer(**{"x-graph": "/sort"})}, **body(**sent), **more)
    return contract(folder, {"/toy/sort": {"post": posted}}, {"sort": query})


@pytest.mark.parametrize(
    ("sent", "came"),
    [
        ({}, {}),
        ({"colours": "red"}, {"colours": ["RED", "CRIMSON"]}),
        ({"colours": "blue", "colour": "red"}, {"colours": ["BLUE"], "colour": "RED"}),
        ({"day": "1950-03-02T05:00:00Z"}, {"day": "1950-03-02"}),
        ({"notes": ["a", 7]}, {"notes": ["a", "7"]}),
        ({"extra": {"a": [1, None, "x"]}}, {"extra": {"a": [1, None, "x"]}}),
        ({"lid": {"name": "l"}}, {"lid": {"name": "l", "colour": []}}),
        ({"lid": {"name": "l", "tint": "red"}}, {"lid": {"name": "l", "colour": ["RED", "CRIMSON"]}}),
        ([], {}),
        ({"unknown": 1}, {}),
    ],
)
async def test_values_reach_the_graph(sent: Any, came: dict[str, Any], tmp_path: Path) -> None:
    said = await ask(sort(tmp_path), "POST", "/toy/sort", sent)
    assert (said.status, said.json) == (200, {**EMPTY, **came})


@pytest.mark.parametrize(
    "sent",
    [
        {"day": "someday"},
        {"day": 1950},
        {"colour": ["red"]},
        {"notes": [["a"]]},
        {"notes": [None]},
        {"lid": {}},
        {"lid": {"name": 5}},
        {"lid": {"name": "l", "tint": ["red"]}},
    ],
)
async def test_what_chains_let_in_and_the_type_does_not_take_is_unfit(sent: Any, tmp_path: Path) -> None:
    said = await ask(sort(tmp_path), "POST", "/toy/sort", sent)
    assert (said.status, said.json) == (500, {"error": "Failed"})


@pytest.mark.parametrize(
    ("sent", "status"),
    [({"day": 1950}, 401), ({"colour": "green"}, 400), ({"day": 1950, "colour": "green"}, 400)],
)
async def test_what_cannot_be_stored_is_said_when_it_is_clear_who_calls(
    sent: dict[str, Any], status: int, tmp_path: Path
) -> None:
    # Complaints come before that, since the operation is judged first.
    scheme = {"scheme": "token", "secret": "$env.KEY", "algorithms": ["HS256"], "prefix": "Bearer "}
    errors = {"NOT_SIGNED_IN": {"status": 401, "body": {}}, "*": {"status": 500, "body": {}}}
    posted = operation("sort", {"200": answer(**{"x-graph": "/sort"})}, **body(**SENT))
    path = contract(
        tmp_path,
        {"/toy/sort": {"post": {**posted, "security": [{"token": []}]}}},
        {"sort": SORT},
        {"identity": [scheme], "stages": ["validate", "identity"], "errors": errors},
        components={"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    )
    assert (await ask(path, "POST", "/toy/sort", sent)).status == status


LATE = SORT.replace("$lid: Lid)", "$lid: Lid, $legacyUnfit: [String!])").replace(
    "lid: $lid)", "lid: $lid, legacyUnfit: $legacyUnfit)"
)


@pytest.mark.parametrize(
    ("sent", "came"),
    [
        ({"day": "1950-03-02"}, {"day": "1950-03-02"}),
        ({"day": "someday"}, {"unfit": ["day"]}),
        ({"day": 1950, "extra": 1}, {"extra": 1, "unfit": ["day"]}),
        ({"colour": ["red"], "notes": ["a", ["b"]]}, {"unfit": ["colour", "notes"]}),
        ({"lid": {"name": "l", "tint": ["red"]}}, {"unfit": ["lid"]}),
        ({"lid": {"name": 5}, "colours": "red"}, {"colours": ["RED", "CRIMSON"], "unfit": ["lid"]}),
        ({"legacyUnfit": ["day"]}, {}),
    ],
)
async def test_what_fits_nothing_is_left_out_and_named_where_the_document_asks(
    sent: Any, came: dict[str, Any], tmp_path: Path
) -> None:
    said = await ask(sort(tmp_path, None, LATE), "POST", "/toy/sort", sent)
    assert (said.status, said.json) == (200, {**EMPTY, **came})


async def test_complaints_come_before_what_is_named(tmp_path: Path) -> None:
    said = await ask(sort(tmp_path, None, LATE), "POST", "/toy/sort", {"day": 1950, "colour": "green"})
    assert said.status == 400


def test_what_fits_nothing_has_one_form_and_one_source(tmp_path: Path) -> None:
    said = problems(sort(tmp_path, None, LATE.replace("[String!]", "[String!]!")))
    assert "$legacyUnfit holds names, its type is [String!]!." in said
    said = problems(sort(tmp_path, {"legacyUnfit": {"type": "array", "items": {}}}, LATE))
    assert "$legacyUnfit is fed by what fits nothing and by body." in said
    surface = {"dialect": "flask", "before": []}
    posted = operation("sort", {"200": answer(**{"x-graph": "/sort"})}, **body())
    path = contract(tmp_path, {"/toy/sort": {"post": posted}}, {"sort": LATE}, surface)
    assert "Nothing feeds $legacyUnfit: this dialect judges before the document runs." in problems(path)


async def test_complaints_are_told_and_the_graph_is_not_asked(tmp_path: Path) -> None:
    said = await ask(sort(tmp_path), "POST", "/toy/sort", {"colour": "green", "notes": "a", "lid": 5})
    assert said.status == 400
    assert [(each["path"], each["msg"]) for each in said.json["errors"]] == [
        ("colour", "Which?"),
        ("notes", "A list"),
        ("lid", "Invalid value"),
    ]


async def test_the_surface_or_the_operation_words_the_complaints(tmp_path: Path) -> None:
    invalid = {"INVALID": {"status": 400, "body": {"first": "$error.entries"}}}
    path = sort(tmp_path, None, SORT, **{"x-errors": invalid})
    said = await ask(path, "POST", "/toy/sort", {"colour": "green"})
    assert list(said.json) == ["first"]


async def test_a_query_is_told_as_its_chain_left_it(tmp_path: Path) -> None:
    pages = {"type": "integer", "minimum": 1, "x-messages": {"range": None}, "x-sanitize": ["rules", "int"]}
    parameters = [
        {"name": "page", "in": "query", "schema": pages},
        {"name": "box", "in": "path", "required": True, "schema": {"type": "string", "x-sanitize": ["trim"]}},
    ]
    properties = {
        "page": {"type": "integer", "x-graph": "$request.query.page"},
        "box": {"type": "string", "x-graph": "$request.path.box"},
        "text": {"type": "string"},
    }
    shown = answer(type="object", required=list(properties), properties=properties, **{"x-graph": "/"})
    paths = {"/toy/{box}/text": {"get": operation("text", {"200": shown}, parameters=parameters)}}
    path = contract(tmp_path, paths, {"text": "query text($page: JSON) { text }"})
    path = contract(tmp_path, paths, {"text": "{ text }"})
    said = await ask(path, "GET", "/toy/%20b%20/text?page=%2B3")
    assert said.json == {"page": 3, "box": "b", "text": "<None>"}


@pytest.mark.parametrize(
    ("changes", "query", "problem"),
    [
        (
            {"day": {"type": "boolean", **TYPED}},
            SORT,
            "Date takes no boolean.",
        ),
        (
            {"colour": {**COLOUR, "x-values": {"red": "PINK", "blue": "BLUE"}}},
            SORT,
            "'red' has no value in Colour.",
        ),
        (
            {"colours": {**COLOUR, "x-values": {"red": ["RED", "PINK"], "blue": "BLUE"}}},
            SORT,
            "'red' has no value in Colour.",
        ),
        ({"colour": {"type": "string", **TYPED}}, SORT, "Any text may arrive, Colour is an enum."),
        ({"notes": {"type": "string", **TYPED}}, SORT, "[ID!] takes a list only."),
        ({"lid": {"type": "string", **TYPED}}, SORT, "Lid takes an object only."),
        (
            {"lid": {**SENT["lid"], "properties": {"title": {"type": "string", **TYPED}}}},
            SORT,
            "Lid has no field 'title'.",
        ),
        ({}, SORT.replace("$day: Date", "$day: Date!"), "'day' may be missing, $day may not."),
        ({"day": {"type": "string", "x-sanitize": ["polish"]}}, SORT, "There is no step 'polish'."),
        ({"colour": {**COLOUR, "x-messages": {"shape": "~"}}}, SORT, "x-messages has no 'shape'."),
    ],
)
def test_a_chain_that_leaves_nothing_for_its_variable_is_refused(
    changes: Any, query: str, problem: str, tmp_path: Path
) -> None:
    found = problems(sort(tmp_path, changes, query))
    assert any(each.startswith(problem) for each in found), found


def test_what_only_the_type_judges_is_counted(tmp_path: Path) -> None:
    counts = statistics(engine(sort(tmp_path)))
    assert counts["toy"]["x-messages"] == 5
    assert [each.rpartition("/")[2] for each in engine(sort(tmp_path)).unproven] == ["schema", "items"]


FORM = {"multipart/form-data": {"schema": {"type": "object", "properties": {"extra": {"type": "string"}}}}}


async def test_a_file_is_no_value_of_a_json_body(tmp_path: Path) -> None:
    posted = operation("sort", {"200": answer(**{"x-graph": "/sort"})}, requestBody={"content": FORM})
    path = contract(tmp_path, {"/toy/sort": {"post": posted}}, {"sort": SORT})
    said = await ask(path, "POST", "/toy/sort", {"extra": "no file"})
    assert said.json == EMPTY
