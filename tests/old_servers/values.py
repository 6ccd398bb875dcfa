"""Strategies for values and JSON bodies: what clients send, and everything beside it."""

import codecs
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

ROWS = Path(__file__).with_name("rows.json")
KNOWN: dict[str, str] = json.loads(ROWS.read_text())["passwords"]

# A string beginning so is written into the JSON without its quotes.
RAW = "\ue000raw:"
NUMBERS = "1E400 -1E400 -0 1e0 0.5e1 1.0 4.0 5E-324 123456789012345678901234567890".split()
TEXTS = (
    *(
        "x",
        " ",
        "0",
        "None",
        "True",
        "null",
        "$where",
        "__proto__",
        "y" * 300,
        "é" * 100,
        "é",
        "e\u0301",
        "😀",
    ),
    *("\0", "a\0b", "\ud800", "\udc00x", "\u2028\u202e\ufeff", "\x1f\x7f\\/\"'<&>"),
)
PLAIN: tuple[object, ...] = (None, False, True, 0, 1, -1, 7, 4711, 0.0, 1.5, 1e22, 10**25, -0.0, "", [], {})
NESTED: tuple[object, ...] = (
    *([1], ["x"], [[]], {"a": 1}, {"$gt": ""}, {"$ne": None}, {"$regex": ".*"}),
    {"b": "é", "a": [True, None]},
)


def likely(*choices: tuple[int, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """One of the strategies, by weight."""
    return st.sampled_from([one for weight, one in choices for _ in range(weight)]).flatmap(lambda one: one)


odd_values = likely(
    (4, st.sampled_from(PLAIN)),
    (3, st.sampled_from(NESTED)),
    (2, st.sampled_from([RAW + number for number in NUMBERS])),
    (1, st.sampled_from([float("nan"), float("inf"), float("-inf")])),
    (1, st.sampled_from(TEXTS)),
    (1, st.text(max_size=12)),
)


def mostly(*usual: str, odd: st.SearchStrategy[Any] = odd_values) -> st.SearchStrategy[Any]:
    """One of the usual texts, seldom anything else."""
    return likely((5, st.sampled_from(usual)), (1, odd))


NEW_EMAILS = ("new@lockstep.test", "second@lockstep.test", "新@例え.test")
CODES = (
    "CODE-ONE",
    "CODE-TWO",
    "CODE-THREE",
    "CODE-FOUR",
    "CODE-FIVE",
    "CODE-USED",
    "code-one",
    "票-🎫",
    "4711",
)
good_logins = st.sampled_from([*list(KNOWN.items())[:5], (NEW_EMAILS[0], "new pass")]).map(
    lambda pair: {"email": pair[0], "password": pair[1]}
)
any_logins = st.fixed_dictionaries(
    {
        "email": mostly(*KNOWN, *NEW_EMAILS, "LIN@lockstep.test", "nobody@lockstep.test"),
        "password": mostly(*KNOWN.values(), "wrong", "mo-2\0", "new pass"),
    }
)
logins = likely((3, good_logins), (2, any_logins))
registrations = st.fixed_dictionaries(
    {
        "email": mostly(*NEW_EMAILS, "mo@lockstep.test"),
        "password": mostly("new pass", "päss🔑", "p" * 70, odd=st.one_of(odd_values, st.just("new\0"))),
        "username": mostly("newcomer", "王 🐉", "a\b\f\n\r\t\x1f\x7f"),
        "invitation_code": mostly(*CODES),
    }
)
qualities = likely(
    (5, st.integers(0, 5)),
    (2, st.integers(-8, 16)),
    (2, st.floats(-3, 9)),
    (1, st.floats()),
    (1, st.sampled_from((True, False, 2.9, 2.999, 3.5, 1e308, -1e308, 10**300, 10**400, -(10**400)))),
    (2, odd_values),
)
ID_TEXTS = ("1", " 2 ", "+3", "-4", "0x1", "1_0", "１", "1.0", "", "00005", "6\n", "\x0b7", "8\xa0")
review_ids = likely(
    (6, st.integers(1, 19)),
    (2, st.sampled_from((20, 22, 24, 25, 99, -1, 2**63 - 1, 2**63, -(2**63) - 1))),
    (2, st.sampled_from(ID_TEXTS)),
    (1, st.sampled_from((1.0, 2.5, True, [1], {"a": 1}))),
    (1, odd_values),
)
submissions = st.fixed_dictionaries({"review_id": review_ids, "quality": qualities})
SURPLUS = ("id", "is_admin", "$set", "", "__proto__")
USUAL = {"login": logins, "register": registrations, "submit": submissions}


@st.composite
def objects(draw: st.DrawFn, usual: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    """The usual members; now and then one is missing or a foreign one stands beside them."""
    members = dict(draw(usual))
    spoil = draw(st.integers(0, 11))
    if spoil == 0 and members:
        del members[draw(st.sampled_from(sorted(members)))]
    elif spoil == 1:
        members |= draw(
            st.dictionaries(st.sampled_from(("id", "is_admin", "$set", "", "__proto__")), odd_values)
        )
    return members


def dumps(value: object, ensure_ascii: bool = True) -> str:
    """JSON text, with the numbers that Python would not write."""
    text = json.dumps(value, ensure_ascii=ensure_ascii)
    for number in NUMBERS:
        text = text.replace(json.dumps(RAW + number, ensure_ascii=ensure_ascii), number)
    return text


def doubled(text: str) -> str:
    """The object with its first member said twice, first wrongly."""
    name = text[1:].partition(":")[0]
    return "{" + name + ': "first", ' + text[1:] if len(text) > 2 else text


SPELLINGS: tuple[Callable[[str], bytes], ...] = (
    lambda text: b"\r\n " + text.replace(",", "\t,\n").encode() + b" ",
    lambda text: doubled(text).encode(),
    lambda text: codecs.BOM_UTF8 + text.encode(),
    *(
        lambda text, encoding=encoding: text.encode(encoding)
        for encoding in "utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be".split()
    ),
    lambda text: text.encode()[:-1],
    lambda text: text.encode() + b" x",
    lambda text: text.encode() + b"\0",
    lambda text: text.replace('"', "'").encode(),
    lambda text: text[:-1].encode() + b",}",
    lambda text: b"[" + text.encode() + b"]",
    lambda text: json.dumps(text).encode(),
    lambda text: b"[" * 6000 + text.encode() + b"]" * 6000,
    lambda text: b'{"email": ' + text.encode() + b', "review_id": ' + text.encode() + b', "quality": 3}',
)
RAW_BODIES = (
    *(b"", b"   ", b"null", b"[]", b"{}", b"5", b'"text"', b"true", b"NaN", b"{", b"{]", b"\0", b"\0\0\0"),
    *(
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b'{"email": "\xe9", "password": "x"}',
        b"email=lin%40lockstep.test&password=x",
    ),
    *(b'{"email": "a\nb", "password": "x"}', b'{"email": "\\x", "password": "x"}'),
    b'{"email": "lin@lockstep.test", "password": ' + b"7" * 5000 + b"}",
    b'{"a":' * 6000 + b"1" + b"}" * 6000,
)


def bodies(path: str) -> st.SearchStrategy[bytes]:
    """What might come as the body on that path."""
    usual = objects(USUAL.get(path.rpartition("/")[2], st.one_of(logins, submissions)))
    return likely(
        (9, usual.map(lambda value: dumps(value).encode())),
        (1, usual.map(lambda value: dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))),
        (2, st.tuples(st.sampled_from(SPELLINGS), usual).map(lambda pair: pair[0](dumps(pair[1])))),
        (1, st.sampled_from(RAW_BODIES)),
        (1, odd_values.map(lambda value: dumps(value).encode())),
    )
