"""JSON as Node reads and writes it, beside Node itself."""

import json
import random
import shutil
import struct
import subprocess
from typing import Any

import pytest

from compat_rest.dialects.express import v8
from compat_rest.dialects.express.json import Stringify, number

SCRIPT = """
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
const again = (text) => [JSON.stringify(JSON.parse(text))];
const told = (text) => { try { return again(text) } catch (error) { return error.message } };
process.stdout.write(JSON.stringify(texts.map(told)));
"""
HERE = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
SEEDS = (
    '{"a":1,"b":[true,false,null],"c":{"d":"x\\u00e9\\n","e":-1.5e+10}}', '[1,2.5,"😀",{"k":"v"}]',
    '{"email":"a@b.c","password":"x"}', '[[],{},"",0,-0,1e5]', '{"x":"\\ud83d\\ude00\\\\","y":"\\""}',
    ' { "a" : [ 1 , 2 ] } ', '{"10":1,"2":2,"a":{"__proto__":5}}',
    "[123456789012345678901234567890,0.1,1e-7,1e21,1e400]", "[undefined,NaN,-Infinity]", '"text"', "tru",
)  # fmt: skip
MARKS = '{}[],:"\\ut1fn0-+.eE \n\t\0x#😀é/b9'
WHOLE = ("", "[object Object]", "NaN", "undefined", "Infinity", "{}x", "1 2", '"ab\\', "x" * 20, "x" * 21)
NUMBERS = (5e-324, 1e-7, 1.25e-5, 1e-6, 1e15, 1e16, 1.5e16, 1e20, 1e21, 1.25e21, 2.0**53, 2.0**64, 1.5, 100.0)


def node(texts: list[str]) -> list[Any]:
    """For each text its JSON again in a list, or Node's message."""
    done = subprocess.run(
        ["node", "-e", SCRIPT], input=json.dumps(texts), capture_output=True, text=True, check=True
    )
    told: list[Any] = json.loads(done.stdout)
    return told


def ours(text: str) -> Any:
    """The same by this project."""
    try:
        return [Stringify()(v8.parse(text.encode(), text), False).decode("utf-8", "surrogatepass")]
    except v8.BadJson as error:
        return str(error)


def mutated(draw: random.Random) -> str:
    """A JSON text with something wrong in it, as a rule."""
    text = draw.choice(SEEDS)
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        place, mark = draw.randrange(len(text) + 1), draw.choice(MARKS)
        text = draw.choice(
            (
                text[:place] + mark + text[place:],
                text[:place] + text[place + 1 :],
                text[:place],
                text[:place] + mark + text[place + 1 :],
                text[:place] + text[: draw.randrange(len(text) + 1)] + text[place:],
            )
        )
    return text


@HERE
def test_twenty_thousand_texts_are_read_as_node_reads_them() -> None:
    draw = random.Random(20)
    texts = [*WHOLE, *(mutated(draw) for _ in range(20_000))]
    wrong = [
        (text, old, new) for text, old in zip(texts, node(texts), strict=True) if old != (new := ours(text))
    ]
    assert wrong == []


@HERE
def test_numbers_are_written_as_node_writes_them() -> None:
    draw = random.Random(7)
    drawn = [struct.unpack("d", draw.randbytes(8))[0] for _ in range(3000)]
    drawn += [draw.random() * 10 ** draw.randint(-10, 25) for _ in range(3000)]
    numbers = [*NUMBERS, *(-each for each in NUMBERS), *(each for each in drawn if each - each == 0)]
    assert [[number(each)] for each in numbers] == node([repr(each) for each in numbers])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [None, True, 1.0]}, '{"b":1,"a":[null,true,1]}'),
        ("\x00\x1f\x7f\u2028/<é😀", '"\\u0000\\u001f\x7f\u2028/<é😀"'),
        ("\ud83d x", '"\\ud83d x"'),
        (float("inf"), "null"),
        (2**53 + 1, "9007199254740992"),
        (2**70, "1.1805916207174113e+21"),
        (-0.0, "0"),
    ],
)
def test_values_are_written_as_javascript_writes_them(value: Any, text: str) -> None:
    assert Stringify()(value, False).decode() == text


def test_what_is_no_json_is_not_written() -> None:
    with pytest.raises(TypeError):
        Stringify()({"a": object()}, False)
