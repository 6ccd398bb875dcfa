"""YAML with its places."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from compat_rest.contract.findings import ContractError, Finding
from compat_rest.contract.lined import MAX_DEPTH, _FastLoader, _Loader
from compat_rest.contract.source import Node, expanded, read
from tests.compat_rest.contracts import ROOT


def root(folder: Path, text: str) -> Node:
    path = folder / "openapi.yaml"
    path.write_text(text)
    return Node.root(read(path))


def refusal(folder: Path, text: str | bytes) -> Finding:
    path = folder / "openapi.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ContractError) as error:
        expanded(Node.root(read(path)))
    return error.value.findings[0]


def test_every_value_knows_its_place(tmp_path: Path) -> None:
    node = root(tmp_path, "a:\n  b/c:\n    - 1\n    - x: yes\n").get("a")
    assert node is not None
    items = node.get("b/c")
    assert items is not None
    assert [(item.pointer, item.line) for item in items.list()] == [("/a/b~1c/0", 3), ("/a/b~1c/1", 4)]
    assert items.list()[1].plain("x") == "yes"
    assert node.source.line("/a/b~1c/1/x/deeper/still") == 4


def test_only_true_and_false_are_booleans_and_dates_stay_text(tmp_path: Path) -> None:
    text = "{a: no, b: true, c: null, d: 2026-01-01, e: 1.5, f: off, g: ~}"
    expected = {"a": "no", "b": True, "c": None, "d": "2026-01-01", "e": 1.5, "f": "off", "g": None}
    assert root(tmp_path, text).value == expected


def test_a_reference_is_followed_and_its_siblings_lie_over_it(tmp_path: Path) -> None:
    node = root(
        tmp_path,
        "base: {type: object, properties: {a: {type: string}, b: {type: string}}}\n"
        "one: {$ref: '#/base', title: One, properties: {b: {const: 1}}}\n"
        "two: {$ref: '#/one', title: Two}\n",
    )
    two = node.get("two")
    assert two is not None
    assert expanded(two) == {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"const": 1}},
        "title": "Two",
    }
    title = two.get("title")
    assert title is not None and title.pointer == "/two/title"


def test_the_parts_of_an_all_of_are_one_schema(tmp_path: Path) -> None:
    node = root(
        tmp_path,
        "base: {type: object, required: [a], properties: {a: {type: string}}}\n"
        "both: {allOf: [{$ref: '#/base'}, {required: [b], properties: {b: {type: integer}}}], title: Both}\n",
    ).get("both")
    assert node is not None
    assert expanded(node) == {
        "title": "Both",
        "type": "object",
        "required": ["a", "b"],
        "properties": {"b": {"type": "integer"}, "a": {"type": "string"}},
    }


@pytest.mark.parametrize(
    ("text", "line", "pointer", "problem"),
    [
        ("a: 1\nb: [", 2, "", "The file is not YAML"),
        ("a: 1\na: 2", 2, "/a", "The key 'a' stands twice."),
        ("- 1", 1, "", "The file is not an object."),
        ("", 1, "", "The file is not an object."),
        (b"\xff\xfe", 0, "", "The file is not UTF-8"),
        ("a: 1\nb: {$ref: '#/c'}", 2, "/b", "The reference '#/c' names nothing."),
        (
            "a: {$ref: '../other.yaml#/c'}",
            1,
            "/a",
            "The reference '../other.yaml#/c' leads out of the folder.",
        ),
        ("a: {$ref: '#/b'}\nb: {$ref: '#/a'}", 1, "/a", "The reference '/a' leads back to itself."),
        (
            "a: {b: {$ref: '#/a'}}",
            1,
            "/a",
            f"Values are nested deeper than {MAX_DEPTH}; a schema may contain",
        ),
        (
            "a: {allOf: [{type: object}, {type: string}]}",
            1,
            "/a/allOf/1",
            "Two parts of the allOf differ in 'type'.",
        ),
        (
            "a: " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
            1,
            "/a" + "/0" * MAX_DEPTH,
            "Values are nested",
        ),
        ("list: [1]\na: {$ref: '#/list/5'}", 2, "/a", "The reference '#/list/5' names nothing."),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    text: str | bytes, line: int, pointer: str, problem: str, tmp_path: Path
) -> None:
    finding = refusal(tmp_path, text)
    assert (finding.file, finding.line, finding.pointer) == ("openapi.yaml", line, pointer)
    assert finding.problem.startswith(problem)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"nowhere\.yaml / *: The file cannot be read"):
        read(tmp_path / "nowhere.yaml")


def test_what_has_no_keys_has_nothing_below(tmp_path: Path) -> None:
    node = root(tmp_path, "a: 1\nb: null\n")
    leaf = node.get("a")
    assert leaf is not None
    assert leaf.get("x") is None
    assert leaf.plain("x", 5) == 5
    empty = node.get("b")
    assert empty is not None
    assert list(empty.items()) == [] and empty.list() == []


SPLIT = {
    "openapi.yaml": (
        "paths: {/a: {$ref: 'contract/old.yaml#/paths/~1a', summary: A}}\n"
        "components:\n  schemas:\n    Shared: {type: string}\n    Name: {type: integer}\n"
        "    Base: {type: object, properties: {a: {$ref: '#/components/schemas/Name'}}}\n"
    ),
    "contract/old.yaml": (
        "paths:\n  /a:\n    get: {schema: {$ref: '#/components/schemas/Own'}}\n"
        "components:\n  schemas:\n    Name: {type: boolean}\n    Own:\n"
        "      $ref: '#/components/schemas/Base'\n      properties:\n"
        "        b: {$ref: '#/components/schemas/Name'}\n        c: {$ref: '#/components/schemas/Shared'}\n"
        "    Both: {allOf: [{$ref: '#/components/schemas/Base'}, {required: [a]}]}\n"
        "    Wrong: {$ref: '#/components/schemas/None'}\n"
    ),
}


def split(folder: Path, **changes: str) -> Node:
    (folder / "contract").mkdir()
    for name, text in {**SPLIT, **changes}.items():
        (folder / name).write_text(text)
    return Node.root(read(folder / "openapi.yaml"))


def test_a_reference_leads_into_another_file_and_back(tmp_path: Path) -> None:
    item = split(tmp_path).members("paths")["/a"]
    schema = item.members("get")["schema"]
    properties = {"a": {"type": "integer"}, "b": {"type": "boolean"}, "c": {"type": "string"}}
    assert expanded(schema) == {"type": "object", "properties": properties}
    assert (item.file, item.plain("summary")) == ("contract/old.yaml", "A")
    get = item.get("get")
    assert get is not None and (get.file, get.line, get.pointer) == ("contract/old.yaml", 3, "/paths/~1a/get")


def test_the_parts_of_an_all_of_may_stand_in_two_files(tmp_path: Path) -> None:
    schemas = split(tmp_path).members("paths")["/a"].source.files["contract/old.yaml"]
    both = Node(schemas, "/components/schemas/Both", schemas.at("/components/schemas/Both")).followed()
    assert expanded(both)["properties"] == {"a": {"type": "integer"}}


def test_what_is_wrong_in_another_file_is_said_with_that_file(tmp_path: Path) -> None:
    item = split(tmp_path).members("paths")["/a"]
    schemas = Node.root(item.source).members("components")
    with pytest.raises(ContractError) as error:
        dict(schemas["schemas"].items())
    finding = error.value.findings[0]
    assert (finding.file, finding.line) == ("contract/old.yaml", 13)
    assert finding.problem == "The reference '#/components/schemas/None' names nothing."


def test_another_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"contract/old\.yaml:2 / *: The file is not YAML"):
        split(tmp_path, **{"contract/old.yaml": "a: 1\nb: ["}).members("paths")


def tree(node: yaml.Node | None) -> Any:
    """What a loader made of a text, with its lines."""
    if isinstance(node, yaml.MappingNode):
        return node.tag, node.start_mark.line, [(tree(key), tree(value)) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return node.tag, node.start_mark.line, [tree(item) for item in node.value]
    return (node.tag, node.start_mark.line, node.value) if node else None


ODD = [
    "a: |\n  text\n\n  more\nb: >-\n  folded\n  text\n",
    "a: &x {b: 1, c: [on, no, y, ~, null, 'null', 0o7, 0x1F, 1_000, .5, 1e3, .inf]}\nd: *x\n",
    "{a: $env.NAME, b: '$env.NAME:', c: 'x: y', d: \"\\u6c49\\n\", e: http://x.test/y}",
    "---\n? a\n: - 1\n  - 2  # why\n...",
    "\ufeffa: 汉\nb: 2026-01-01 10:00:00\nc: 12:30:45\n",
    "",
    "- - - 1\n",
    "a: !!str 5\nb: !!int '5'\n",
]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_the_loader_in_c_reads_what_the_other_reads(text: str) -> None:
    assert tree(yaml.compose(text, Loader=_FastLoader)) == tree(yaml.compose(text, Loader=_Loader))


def test_the_loader_in_c_reads_the_landed_contract_alike() -> None:
    text = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
    assert tree(yaml.compose(text, Loader=_FastLoader)) == tree(yaml.compose(text, Loader=_Loader))
