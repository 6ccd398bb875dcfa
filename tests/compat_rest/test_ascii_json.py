"""The fast JSON writer writes what Python's json writes, byte for byte."""

import json
import math
import random
import struct
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compat_rest.dialects.ascii_json import REST, AsciiJson
from compat_rest.texts import is_plain

# Every kind of character: control, quotes, DEL, Latin, Chinese, beyond the first plane, lone surrogates.
texts = (
    st.text(st.sampled_from("\x00\x08\t\n\x0c\r\x1f \"'/\\a~\x7f\x80é\u2028汉\U0001f600\ud800\udfff"))
    | st.text()
)
numbers = st.integers() | st.floats() | st.sampled_from([2**63, 2**64, -(2**63) - 1, 1e16, 1e-5, -0.0, 1e22])
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(texts, below, max_size=4),
    max_leaves=20,
)


def python(value: Any) -> bytes:
    """The old way."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


@settings(max_examples=600, deadline=None, derandomize=True)
@given(values)
def test_it_writes_what_python_writes(value: Any) -> None:
    assert AsciiJson()(value, is_plain(value)) == python(value)
    assert AsciiJson()({"a": value, "é": 1}, is_plain(value)) == python({"a": value, "é": 1})


@pytest.mark.parametrize("code", range(0x180))
def test_every_character_is_written_alike(code: int) -> None:
    assert AsciiJson()([chr(code), {chr(code): 1}], True) == python([chr(code), {chr(code): 1}])


def test_plain_floats_are_spelt_alike() -> None:
    chosen = random.Random(7)
    tried = [sign * 10.0**power for power in range(-6, 20) for sign in (1, -1)]
    tried += [math.nextafter(number, towards) for number in tried for towards in (0, math.inf)]
    tried += [struct.unpack("d", chosen.randbytes(8))[0] for _ in range(200_000)]
    tried += [math.exp(chosen.uniform(math.log(1e-5), math.log(1e17))) for _ in range(50_000)]
    tried += [round(chosen.uniform(-1000, 1000), chosen.randrange(6)) for _ in range(50_000)]
    plain = [number for number in tried if is_plain(number)]
    assert len(plain) > 100_000
    assert AsciiJson()(plain, True) == python(plain)
    odd = [math.inf, math.nan, 1e16, -1e16, 9e-5, 5e-324]
    assert [number for number in odd if is_plain(number)] == []
    assert AsciiJson()(odd[:2], False) == b"[Infinity,NaN]"


def test_what_is_no_json_is_refused_as_python_does() -> None:
    class Text(str):
        pass

    for value in (datetime.now(UTC), {1, 2}, b"bytes"):
        with pytest.raises(TypeError):
            AsciiJson()({"value": value}, True)
    assert AsciiJson()(Text("text"), True) == b'"text"'
    assert AsciiJson()({1: "a"}, True) == b'{"1":"a"}'
    deep: list[Any] = []
    for _ in range(400):
        deep = [deep]
    assert AsciiJson()(deep, True) == python(deep)


def test_after_an_answer_beyond_ascii_python_is_asked_at_once_for_a_while() -> None:
    write = AsciiJson()
    assert write("汉", True) == python("汉")
    for _ in range(2 * REST):
        assert write("plain", True) == b'"plain"'
        assert write("汉", True) == python("汉")
