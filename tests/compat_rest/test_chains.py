"""Chains: which rules run on which values, in which order, and what is told and left behind."""

from typing import Any, cast

import pytest

from compat_rest.chains import Chains
from compat_rest.contract.findings import Collector
from compat_rest.contract.operations import Operation
from compat_rest.contract.source import Node, Source
from compat_rest.places import named, put
from compat_rest.refusal import Refusal
from compat_rest.sanitize import JS

Entries = list[dict[str, Any]]


class Described:
    """As much of an operation as chains need."""

    id = "toy.operation"

    def __init__(self, body: dict[str, Any], *parameters: dict[str, Any], stages: tuple[str, ...]) -> None:
        self.stages = stages
        self.node = root = Node.root(Source("toy.yaml", {"body": body, "parameters": list(parameters)}, {}))
        self.parameters = tuple(root.elements("parameters"))
        self._body = root.get("body")

    def body(self) -> Node | None:
        return self._body

    def form(self) -> Node | None:
        return None


def compiled(
    properties: dict[str, Any], *parameters: dict[str, Any], required: list[str] | None = None
) -> Chains:
    chains, problems = judged(properties, *parameters, required=required)
    assert problems == []
    return chains


def judged(
    properties: dict[str, Any],
    *parameters: dict[str, Any],
    required: list[str] | None = None,
    stages: tuple[str, ...] = ("validate",),
) -> tuple[Chains, list[str]]:
    found = Collector()
    body = {"properties": properties, "required": required or []}
    operation = Described(body, *parameters, stages=stages)
    chains = Chains.compile(cast(Operation, operation), JS, found)
    return chains, [finding.problem for finding in found.findings]


def told(chains: Chains, body: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Path, message and value of each entry."""
    return [
        (entry["path"], entry["msg"], entry.get("value", "nothing")) for entry in chains.run({}, {}, body)
    ]


EMAIL = {"type": "string", "format": "email", "x-messages": {"format": "Say who."}}


def test_an_entry_says_what_stood_where() -> None:
    chains = compiled({"email": EMAIL}, required=["email"])
    assert chains.run({}, {}, {"email": 5}) == [
        {"type": "field", "value": 5, "msg": "Say who.", "path": "email", "location": "body"}
    ]
    (entry,) = chains.run({}, {}, {})
    assert list(entry) == ["type", "msg", "path", "location"]


def test_a_name_that_is_not_required_may_be_missing() -> None:
    chains = compiled({"email": EMAIL})
    assert told(chains, {}) == []
    assert told(chains, {"email": None}) == [("email", "Say who.", None)]


def test_null_ends_a_chain_only_where_the_schema_takes_it() -> None:
    chains = compiled({"email": {**EMAIL, "type": ["string", "null"]}})
    assert told(chains, {"email": None}) == []
    assert told(chains, {"email": ""}) == [("email", "Say who.", "")]


@pytest.mark.parametrize(
    ("word", "passes"), [("falsy", ["", 0, False, None]), ("null", [None]), (["-"], ["-"])]
)
def test_values_that_count_as_missing_end_a_chain(word: Any, passes: list[Any]) -> None:
    chains = compiled({"email": {**EMAIL, "x-absent": word}})
    for value in passes:
        assert told(chains, {"email": value}) == []
    assert told(chains, {"email": "x"}) == [("email", "Say who.", "x")]


def test_a_missing_value_that_a_step_makes_is_sent_after_all() -> None:
    name = {"type": "string", "minLength": 1, "x-sanitize": ["trim", "rules"], "x-messages": {"length": None}}
    body: dict[str, Any] = {}
    assert told(compiled({"name": name}, required=["name"]), body) == [("name", "Invalid value", "")]
    assert body == {"name": ""}
    assert told(compiled({"name": name}), body := {}) == []
    assert body == {}


def test_messages_say_which_rules_run_and_in_which_order() -> None:
    password = {
        "type": "string", "minLength": 8, "pattern": "[0-9]",
        "x-messages": {"pattern": "digit", "length": "long"},
    }  # fmt: skip
    assert told(compiled({"p": password}), {"p": "x"}) == [("p", "digit", "x"), ("p", "long", "x")]
    # Nothing asks for text, so a number passes by its digits.
    assert told(compiled({"p": password}), {"p": 12345678}) == []


def test_steps_run_where_they_stand() -> None:
    name = {"type": "string", "maxLength": 1, "x-messages": {"length": "long"}}
    assert told(compiled({"n": {**name, "x-sanitize": ["trim", "rules"]}}), {"n": " a "}) == []
    body = {"n": " a "}
    assert told(compiled({"n": {**name, "x-sanitize": ["rules", "trim"]}}), body) == [("n", "long", " a ")]
    assert body == {"n": "a"}
    assert told(compiled({"n": name}), {"n": "ab"}) == [("n", "long", "ab")]


def test_one_rule_may_run_before_a_step() -> None:
    user = {
        "type": "string", "minLength": 1, "x-sanitize": ["rules:type", "trim", "rules"],
        "x-messages": {"type": "text", "empty": "who"},
    }  # fmt: skip
    chains = compiled({"u": user}, required=["u"])
    assert told(chains, {"u": 5}) == [("u", "text", 5)]
    assert told(chains, {"u": " "}) == [("u", "who", "")]
    assert told(chains, {}) == [("u", "text", "nothing"), ("u", "who", "")]


def test_a_list_is_judged_item_by_item_but_for_its_own_rule() -> None:
    kind = {"type": "string", "enum": ["a", "b"], "x-messages": {"enum": "kind"}}
    assert told(compiled({"k": kind}), {"k": ["a", "x", "b", ["y"]]}) == [
        ("k", "kind", "x"),
        ("k", "kind", ["y"]),
    ]
    assert told(compiled({"k": kind}), {"k": []}) == []
    whole = {"type": "string", "x-messages": {"type": "text"}}
    assert told(compiled({"k": whole}), {"k": ["a"]}) == [("k", "text", ["a"])]


ITEMS = {
    "type": "array",
    "x-messages": {"array": "list"},
    "items": {
        "type": "object",
        "required": ["kind"],
        "properties": {
            "kind": {"type": "string", "enum": ["a"], "x-messages": {"enum": "kind"}},
            "note": {"type": "string", "x-sanitize": ["trim", "rules"], "x-messages": {"type": "note"}},
        },
    },
}


def test_a_rule_runs_over_all_items_before_the_next_one() -> None:
    body = {"items": [{"kind": "x", "note": " n "}, {}, 5]}
    assert told(compiled({"items": ITEMS}), body) == [
        ("items[0].kind", "kind", "x"),
        ("items[1].kind", "kind", "nothing"),
        ("items[2].kind", "kind", "nothing"),
    ]
    assert body["items"][0] == {"kind": "x", "note": "n"}


def test_an_object_is_walked_where_a_list_was_meant() -> None:
    assert told(compiled({"items": ITEMS}), {"items": {"kind": "a", "b.c": {}}}) == [
        ("items", "list", {"kind": "a", "b.c": {}}),
        ("items.kind.kind", "kind", "nothing"),
        ('items["b.c"].kind', "kind", "nothing"),
    ]
    assert told(compiled({"items": ITEMS}), {"items": "text"}) == [("items", "list", "text")]
    assert told(compiled({"items": ITEMS}), {"items": None}) == [("items", "list", None)]


def test_names_like_indexes_come_first() -> None:
    assert [
        path for path, _, _ in told(compiled({"items": ITEMS}), {"items": {"b": 1, "10": 1, "9": 1}})
    ] == [
        "items",
        "items[9].kind",
        "items[10].kind",
        "items.b.kind",
    ]


def test_items_may_be_values_themselves() -> None:
    titles = {
        "type": "array", "x-messages": {"array": None},
        "items": {"type": "string", "x-sanitize": ["rules", "trim"], "x-messages": {"type": "title"}},
    }  # fmt: skip
    body = {"t": [" a ", 5, None]}
    assert told(compiled({"t": titles}), body) == [("t[1]", "title", 5), ("t[2]", "title", None)]
    assert body == {"t": ["a", "5", ""]}


def test_names_stand_where_they_were_sent() -> None:
    parameters: list[dict[str, Any]] = [
        {"in": "path", "name": "id", "required": True,
         "schema": {"type": "string", "format": "objectid", "x-messages": {"format": "id"}}},
        {"in": "query", "name": "page",
         "schema": {"type": "integer", "minimum": 1, "x-sanitize": ["rules", "int"],
                    "x-messages": {"range": "page"}}},
        {"in": "header", "name": "x-other", "schema": {"type": "string"}},
    ]  # fmt: skip
    chains = compiled({"email": EMAIL}, *parameters)
    entries = chains.run({"id": "abc"}, {"page": "0"}, {"email": "x"})
    assert [(entry["path"], entry["location"]) for entry in entries] == [
        ("id", "params"),
        ("page", "query"),
        ("email", "body"),
    ]
    query: dict[str, Any] = {"page": "07"}
    assert chains.run({"id": "685bc8000000000000001001"}, query, {}) == []
    assert query == {"page": 7}
    # A query may hold objects, whose text is none of a number.
    assert len(chains.run({"id": "685bc8000000000000001001"}, {"page": {"a": "1"}}, {})) == 1


def test_a_password_is_never_told_back() -> None:
    secret = {"type": "string", "minLength": 8, "writeOnly": True, "x-messages": {"length": "long"}}
    assert told(compiled({"p": secret}), {"p": "short"}) == [("p", "long", "nothing")]


def test_what_must_not_be_sent() -> None:
    chains = compiled({"spouses": {"not": {}, "x-messages": {"absent": "no"}}})
    assert told(chains, {}) == []
    assert told(chains, {"spouses": None}) == [("spouses", "no", None)]


def test_what_cannot_be_stored_is_said_after_all_entries() -> None:
    chains = compiled({"day": {"type": "string", "x-sanitize": ["jsdate"]}, "email": EMAIL})
    assert told(chains, {"day": "x", "email": "x"}) == [("email", "Say who.", "x")]
    with pytest.raises(Refusal, match="UNFIT"):
        chains.run({}, {}, {"day": "x"})


def test_a_value_of_another_type_is_unfit_where_the_schema_insists() -> None:
    chains = compiled({"n": {"type": ["number", "null"], "x-sanitize": ["typed"]}})
    for fine in (1, 1.5, None):
        assert chains.run({}, {}, {"n": fine}) == []
    wrong: list[Any] = [True, "1", [1], {}]
    for bad in wrong:
        with pytest.raises(Refusal, match="UNFIT"):
            chains.run({}, {}, {"n": bad})


def test_a_spelling_that_no_rule_judges_is_unfit_where_the_store_would_refuse_it() -> None:
    chains = compiled({"p": {"type": "string", "enum": ["Public"], "x-sanitize": ["typed"]}})
    assert chains.run({}, {}, {"p": "Public"}) == []
    wrong: list[Any] = ["No", ["Public"], {}]
    for bad in wrong:
        with pytest.raises(Refusal, match="UNFIT"):
            chains.run({}, {}, {"p": bad})


@pytest.mark.parametrize(
    "body",
    [
        {"items": [{}] * 10_001},
        {"items": {str(number): {} for number in range(10_001)}},
        {"kinds": ["x"] * 10_001},
        # Few enough items, and more entries than anybody reads.
        {"items": [{}] * 6_000, "kinds": ["x"] * 6_000},
    ],
    ids=["items", "an object for items", "values", "entries"],
)
def test_more_items_than_anybody_has_are_too_much(body: dict[str, Any]) -> None:
    kind = {"type": "string", "enum": ["a"], "x-messages": {"enum": None}}
    with pytest.raises(Refusal, match="BODY_TOO_LARGE"):
        compiled({"items": ITEMS, "kinds": kind}).run({}, {}, body)


def test_a_value_that_nests_beyond_any_text_is_unfit() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(Refusal, match="UNFIT"):
        compiled({"email": EMAIL}).run({}, {}, {"email": [deep]})


ALL = {"string", "integer", "number", "boolean", "array", "object", "null"}
TRIM, TEXT, RULES = "trim", "text", "rules"


@pytest.mark.parametrize(
    ("schema", "left"),
    [
        ({"type": "string"}, ALL),
        ({"type": "string", "x-messages": {"type": None}}, {"string"}),
        ({"type": ["string", "null"], "x-messages": {"type": None}}, {"string", "null"}),
        ({"type": "string", "x-sanitize": [TRIM]}, {"string", "array"}),
        ({"type": "string", "x-sanitize": [TRIM, "none"]}, {"string"}),
        ({"type": ["string", "null"], "x-sanitize": [TRIM, "blank", "none"]}, {"string", "null"}),
        ({"type": "string", "x-sanitize": [TEXT]}, {"string", "null"}),
        ({**EMAIL, "x-sanitize": [RULES, "email", TEXT]}, {"string"}),
        (EMAIL, {"string", "array"}),
        ({"type": "string", "format": "iso8601", "x-messages": {"format": None}},
         {"string", "array", "integer", "number"}),
        ({"type": "string", "maxLength": 9, "x-messages": {"length": None}}, ALL - {"object"}),
        ({"type": "string", "enum": ["a"], "x-messages": {"enum": None}}, {"string", "array"}),
        ({"type": "string", "enum": ["a"], "x-sanitize": [RULES, "first", "typed"],
          "x-messages": {"enum": None}}, {"string"}),
        ({"type": "boolean", "x-sanitize": [RULES, "none", "boolean"],
          "x-messages": {"boolean": None}}, {"boolean"}),
        ({"type": "integer", "x-sanitize": [RULES, "none", "int"],
          "x-messages": {"range": None}}, {"integer"}),
        ({"type": "integer", "x-sanitize": ["none", "int"]}, {"integer", "number"}),
        ({"type": "array", "x-messages": {"array": None}}, {"array"}),
        ({"type": "object", "x-messages": {"object": None}}, {"object"}),
        ({"type": "string", "x-sanitize": ["jsdate"], "x-absent": "falsy"}, {"string"}),
        ({"not": {}, "x-messages": {"absent": None}}, set()),
    ],
)  # fmt: skip
def test_which_types_a_chain_leaves(schema: dict[str, Any], left: set[str]) -> None:
    assert compiled({"x": schema}).leaves["body/x"] == left


def test_items_leave_types_too() -> None:
    leaves = compiled({"items": ITEMS}).leaves
    assert leaves["body/items/*/note"] == {"string"}
    assert leaves["body/items/*"] == ALL


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        (
            {"type": "string", "format": "email"},
            "Nothing judges 'format', since x-messages does not name it.",
        ),
        (
            {"type": "string", "maxLength": 5, "x-messages": {}},
            "Nothing judges 'maxLength', since x-messages",
        ),
        ({"type": "string", "x-messages": {"format": None}}, "The message for 'format' has no rule."),
        ({"type": "string", "x-messages": {"array": None}}, "The message for 'array' has no rule."),
        ({"type": "string", "x-messages": {"lenght": None}}, "x-messages has no 'lenght'."),
        ({"type": "string", "x-sanitize": ["tirm"]}, "There is no step 'tirm'."),
        ({"type": "string", "x-sanitize": ["rules:type"]}, "There is no rule 'type' to run early."),
        (
            {"type": "string", "pattern": "(", "x-messages": {"pattern": None}},
            "The rule 'pattern' cannot be kept",
        ),
        (
            {"type": "string", "format": "pigeon", "x-messages": {"format": None}},
            "The rule 'format' cannot be",
        ),
    ],
)
def test_disagreements_are_found(schema: dict[str, Any], problem: str) -> None:
    _, problems = judged({"x": schema})
    assert len(problems) == 1
    assert problems[0].startswith(problem)


def test_rules_that_never_run_are_found() -> None:
    assert judged({"email": EMAIL}, stages=("identity",))[1] == ["Its rules and steps never run."]
    assert judged({"email": {"type": "string"}}, stages=())[1] == []


def test_paths_are_written_as_javascript_reads_them() -> None:
    assert named(("a", "0", "b", "c.d")) == 'a[0].b["c.d"]'


def test_what_is_put_below_something_else_replaces_it() -> None:
    body: dict[str, Any] = {"a": 5, "c": [1]}
    put(body, ("a", "0", "b"), "x")
    put(body, ("c", "1"), "y")
    put(body, ("c", "9"), "z")
    assert body == {"a": [{"b": "x"}], "c": [1, "y"]}
