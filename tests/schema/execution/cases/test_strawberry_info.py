"""What Strawberry's info tells a resolver, whoever runs it."""

from types import SimpleNamespace
from typing import Any

import pytest
import strawberry
from graphql import parse
from strawberry import Info
from strawberry.schema.config import StrawberryConfig
from strawberry.types.nodes import FragmentSpread, InlineFragment, SelectedField, Selection

from tests.schema.execution.cases.runner import Case, Run, both_ways, check, finished, table


class OwnInfo(Info[Any, Any]):
    """An info with something of its own."""

    @property
    def caller(self) -> str:
        return f"{self.context[0]} {self.field_name}"


@strawberry.type
class Thing:
    word: str = "w"

    @strawberry.field
    def note(self, info: Info, size: int = 1, names: list[str] | None = None) -> "Thing":
        info.context.append(info)
        return self

    @strawberry.field
    def caller(self, info: OwnInfo) -> str:
        return info.caller


@strawberry.type
class Query:
    @strawberry.field
    def thing(self, info: Info, deep: int = 0) -> Thing:
        info.context.append(info)
        return Thing()

    @strawberry.field
    def things(self) -> list[Thing]:
        return [Thing(), Thing()]

    @strawberry.field(name="otherName")
    def own_name(self, info: Info) -> str:
        return f"{info.field_name} {info.python_name} {info.path.key}"


OWNER = strawberry.Schema(Query, config=StrawberryConfig(info_class=OwnInfo))
SCHEMA = OWNER._schema


def selected(name: str, *selections: Selection, **rest: Any) -> SelectedField:
    """A field as info shows it."""
    alias, arguments = rest.get("alias"), rest.get("arguments", {})
    return SelectedField(name, rest.get("directives", {}), arguments, list(selections), alias)


WORD = selected("word")
# A document that selects "thing", its variables, and what info then shows.
SELECTIONS: list[tuple[str, dict[str, Any], list[Selection]]] = [
    ("{ thing { word } }", {}, [selected("thing", WORD)]),
    (
        "{ t: thing(deep: 1) { w: word } }",
        {},
        [selected("thing", selected("word", alias="w"), alias="t", arguments={"deep": "1"})],
    ),
    (
        "{ thing { word } thing { w: word } }",
        {},
        [selected("thing", WORD), selected("thing", selected("word", alias="w"))],
    ),
    (
        "{ thing { note(size: 2) { word } ...F } } fragment F on Thing { word }",
        {},
        [
            selected(
                "thing",
                selected("note", WORD, arguments={"size": "2"}),
                FragmentSpread("F", "Thing", {}, [WORD]),
            )
        ],
    ),
    (
        "{ thing { ... on Thing { word } ... { word } } }",
        {},
        [selected("thing", InlineFragment("Thing", [WORD], {}), InlineFragment(None, [WORD], {}))],
    ),
    (
        "query ($if: Boolean!, $n: Int = 4, $s: String) "
        '{ thing(deep: $n) { word word @skip(if: $if) note(size: $n, names: ["a", $s]) { word } } }',
        {"if": True},
        [
            selected(
                "thing",
                WORD,
                selected("word", directives={"skip": {"if": True}}),
                selected("note", WORD, arguments={"size": 4, "names": ["a", None]}),
                arguments={"deep": 4},
            )
        ],
    ),
    (
        "query ($if: Boolean!) { thing { word ... @include(if: $if) { note { word } } } }",
        {"if": False},
        [selected("thing", WORD, InlineFragment(None, [selected("note", WORD)], {"include": {"if": False}}))],
    ),
]


@both_ways
@pytest.mark.parametrize("document, variables, selections", SELECTIONS, ids=[row[0] for row in SELECTIONS])
async def test_selected_fields(
    run: Run, document: str, variables: dict[str, Any], selections: list[Selection]
) -> None:
    """All that is selected, with what conditions leave out of the answer."""
    parsed = parse(document)
    for _ in range(2):
        context: list[Info] = []
        await finished(run(SCHEMA, parsed, root=Query(), context=context, variables=variables))
        assert context[0].selected_fields == selections
        context[0].selected_fields.clear()


@both_ways
async def test_everything_that_info_tells(run: Run) -> None:
    text = (
        "query Q($n: Int = 2, $s: [String!]) { x: things { y: note(size: $n, names: $s) { word } } }"
        " fragment F on Thing { word }"
    )
    document = parse(text.replace("{ word } }", "{ ...F } }", 1))
    context: list[Any] = []
    root = Query()
    await finished(run(SCHEMA, document, root=root, context=context, variables={"s": ["a"], "z": 1}))
    first, second = context
    for index, info in enumerate(context):
        assert isinstance(info, OwnInfo)
        assert (info.field_name, info.python_name) == ("note", "note")
        assert info.path.as_list() == ["x", index, "y"]
        assert (info.path.key, info.path.typename) == ("y", "Thing")
        assert info.context is context
        assert info.root_value is root
        assert info.variable_values == {"n": 2, "s": ["a"]}
        assert info.return_type is Thing
        assert info.schema is OWNER
        assert info.operation is document.definitions[0]
        assert info.query and info.query.startswith("query Q($n")
        argument = info.get_argument_definition("size")
        assert argument is not None and argument.default == 1
        assert info.get_argument_definition("other") is None
        assert info.selected_fields == [
            selected(
                "note",
                FragmentSpread("F", "Thing", {}, [WORD]),
                alias="y",
                arguments={"size": 2, "names": ["a"]},
            )
        ]
        assert info.input_extensions == {"asked": "so"}
        raw: Any = info._raw_info
        assert raw.path.prev and raw.path.prev == (raw.path.prev.prev, index, None)
        assert raw.field_nodes[0].alias and raw.field_nodes[0].alias.value == "y"
        assert raw.parent_type is SCHEMA.type_map["Thing"]
        assert raw.return_type == SCHEMA.type_map["Thing"].fields["note"].type
        assert sorted(raw.fragments) == ["F"]
        assert raw.variable_values == {"n": 2, "s": ["a"]}
    assert first is not second


@table(
    [
        Case(
            id="an info of one's own",
            document="{ things { caller } }",
            context=lambda: ["ada"],
            root=Query(),
            data={"things": [{"caller": "ada caller"}] * 2},
        ),
        Case(
            id="names",
            document="{ otherName alias: otherName }",
            root=Query(),
            data={"otherName": "otherName own_name otherName", "alias": "otherName own_name alias"},
        ),
    ]
)
async def test_names(case: Case) -> None:
    await check(SCHEMA, case)


@both_ways
async def test_an_info_may_be_kept(run: Run) -> None:
    """What it tells does not change with later requests."""
    kept: list[Any] = []
    document = parse("query ($n: Int) { things { note(size: $n) { word } } }")
    for number in (1, 2):
        context: list[Any] = []
        root = SimpleNamespace()
        await finished(run(SCHEMA, document, root=root, context=context, variables={"n": number}))
        kept += context
    assert [(info.path.as_list(), info.variable_values) for info in kept] == [
        (["things", index, "note"], {"n": number}) for number in (1, 2) for index in (0, 1)
    ]
    assert [info.selected_fields[0].arguments for info in kept] == [{"size": 1}] * 2 + [{"size": 2}] * 2
