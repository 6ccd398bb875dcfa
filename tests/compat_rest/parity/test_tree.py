"""JSON read without losing a byte."""

import pytest

from compat_rest.parity.tree import NotJson, parse


def test_every_part_keeps_its_text() -> None:
    before, tree, after = parse(' {"a" : [ 1 ,2.50, "\\u00e9"],"b":{}}\n')
    assert (before, after) == (" ", "\n")
    assert tree.names == ["a", "b"]
    assert tree.colons == [" : ", ":"]
    assert tree.glue == ["", ",", ""]
    items = tree.children[0]
    assert [(item.form, item.raw) for item in items.children] == [
        ("whole number", "1"),
        ("fraction", "2.50"),
        ("string", '"\\u00e9"'),
    ]
    assert items.glue == [" ", " ,", ", ", ""]
    assert items.children[2].value == "é"
    assert tree.raw == '{"a" : [ 1 ,2.50, "\\u00e9"],"b":{}}'


@pytest.mark.parametrize("text", ["true", "null", "NaN", "-Infinity", "1e-7", '"\\ud800"', "[]", '"a\nb"'])
def test_what_python_writes_is_read(text: str) -> None:
    assert parse(text)[1].raw == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1,]",
        '{"a":1,}',
        '{"a" 1}',
        "{a:1}",
        "[1 2]",
        "1 2",
        "<html>",
        '"open',
        "[" * 300 + "]" * 300,
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(NotJson):
        parse(text)
