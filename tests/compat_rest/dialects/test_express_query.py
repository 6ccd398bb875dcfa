"""Queries and forms as qs reads them."""

from typing import Any

import pytest

from compat_rest.dialects.express.query import TooDeep, decoded, parse


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("a=1&b", {"a": "1", "b": ""}),
        ("a=1&a=2", {"a": ["1", "2"]}),
        ("a[]=1", {"a": ["1"]}),
        ("a[1]=y&a[0]=x", {"a": ["x", "y"]}),
        ("a[20]=x", {"a": ["x"]}),
        ("a[21]=x", {"a": {"21": "x"}}),
        ("a[b][c]=1&a[b][d]=2", {"a": {"b": {"c": "1", "d": "2"}}}),
        ("a[b][c][d][e][f][g][h]=1", {"a": {"b": {"c": {"d": {"e": {"f": {"[g][h]": "1"}}}}}}}),
        ("a=1&a[b]=2", {"a": ["1", {"b": "2"}]}),
        ("a[b]=2&a=1", {"a": {"b": "2", "1": True}}),
        ("a[0]=x&a[b]=y", {"a": {"0": "x", "b": "y"}}),
        ("__proto__[x]=1&a[__proto__][x]=1", {"a": {}}),
        ("a+b=c+d&%5Bx%5D=%zz", {"a b": "c d", "x": "%zz"}),
        ("2=b&1=a", {"1": "a", "2": "b"}),
        ("a[01]=x", {"a": {"01": "x"}}),
        ("&&=x&=", {}),
    ],
)
def test_names_with_brackets_become_lists_and_objects(text: str, values: dict[str, Any]) -> None:
    assert parse(text) == values
    assert list(parse(text)) == list(values)


def test_what_is_beyond_a_thousand_is_left_out() -> None:
    assert len(parse("&".join(f"a{number}=1" for number in range(1200)))) == 1000


def test_a_form_may_not_nest_deeper_than_is_read() -> None:
    name = "a" + "[b]" * 33
    assert parse(f"{name}=1", depth=33, strict=True)
    with pytest.raises(TooDeep):
        parse(f"{name}=1", depth=32, strict=True)


@pytest.mark.parametrize("text", ["%", "%4", "%zz", "%80", "%c3", "%ed%a0%80", "%f0%9f"])
def test_escapes_that_are_no_text_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        decoded(text)
