"""Strategies for Cookie headers: sessions issued, signed by hand or damaged, and what stands around them."""

import base64
import json

from hypothesis import strategies as st

from tests.old_servers.steps import Cookie, Crafted, Damage, Issued
from tests.old_servers.values import likely


def payload(**members: object) -> bytes:
    """A session's content as Flask writes it."""
    return json.dumps(members, separators=(",", ":"), sort_keys=True).encode()


# Flask's tagged JSON: values that JSON does not know.
TAGGED: tuple[dict[str, object], ...] = (
    {" t": [1]},
    {" m": "1"},
    {" b": base64.b64encode(b"1").decode()},
    {" u": "0" * 32},
    {" d": "Fri, 20 Nov 2026 00:00:00 GMT"},
    {" di": {"a": 1}},
    {" di": {" t__": 1}},
    {" x": 1},
)
user_ids = likely(
    (3, st.sampled_from((1, 2, 3, 10))),
    (1, st.sampled_from((999, 0, -1, 2**63 - 1, 2**63, 10**30))),
    (2, st.sampled_from(("1", " 2 ", "+1", "abc", "", "1.0", "１", "\0", "\ud800"))),
    (1, st.sampled_from((None, True, False, 1.0, 1.5, [], [1], {}, {"a": 1}, {"$gt": 0}))),
    (1, st.sampled_from(TAGGED)),
)
EXTRA_VALUES: tuple[object, ...] = (
    True,
    False,
    None,
    0,
    1,
    "",
    "x@y.test",
    "é",
    [],
    {},
    1.5,
    {" t": [1, "a"]},
    {" m": "<b>"},
)
extras: st.SearchStrategy[dict[str, object]] = st.dictionaries(
    st.sampled_from(("_permanent", "_flashes", "email", "role", "_fresh", "k")),
    st.sampled_from(EXTRA_VALUES),
    max_size=3,
)
RAW_PAYLOADS = (
    *(b"", b"null", b"[]", b"[1]", b"0", b"1", b'""', b'"text"', b"true", b"false", b"{}", b"not json", b"{"),
    *(b"NaN", b"\xff", b'{"user_id":NaN}', b'{ "user_id": 1, "email": "x" }', b'{"user_id":2,"user_id":1}'),
    *(
        b'[["user_id",1]]',
        b'{" t":[["user_id",1]]}',
        b'{" di":{"user_id":1}}',
        b'{" u":"x"}',
        b'{" d":"no date"}',
    ),
    *(b'{"_permanent":true}', '{"email":"田中","user_id":3}'.encode(), '\ufeff{"user_id":1}'.encode()),
)
AGES = (60, 86_400, 2_678_300, 2_678_500, -3600, 10**9)
crafted = st.builds(
    Crafted,
    payload=likely(
        (4, st.sampled_from((1, 2, 3)).map(lambda user: payload(user_id=user, email="a@b.test"))),
        (4, st.tuples(user_ids, extras).map(lambda pair: payload(user_id=pair[0], **pair[1]))),
        (2, st.sampled_from(RAW_PAYLOADS)),
    ),
    age=likely((8, st.just(0)), (2, st.sampled_from(AGES))),
    foreign=likely((14, st.just(False)), (1, st.just(True))),
    compressed=likely((9, st.just(False)), (1, st.just(True))),
    leading_zero=likely((19, st.just(False)), (1, st.just(True))),
    salt=likely((19, st.just("cookie-session")), (1, st.just("session"))),
    digest=likely((19, st.just("sha1")), (1, st.just("sha256"))),
)

AROUND = """
session="{value}"
session={value}=
session={value}==
session={value}.x
session={value}%3D
session={value}\xff
session={value};
;session={value}
session = {value}
  session={value}
Session={value}
other=1; session={value}
other=1;session={value}
other=1, session={value}
other; session={value}
=x; session={value}
a="b;c"; session={value}
session={value}; session=abc
session={value}; path=/
session=abc; session={value}
session=; session={value}
session; session={value}
session_user_id=1; session={value}
$Version="1"; session={value}; $Path="/"
""".strip("\n").split("\n")
LITERALS = (
    *("", ";", "session", "session=", "session=abc", "session=abc.def.ghi", "session=..", "session=.a.b.c"),
    *("session=\xff\xfe", 'session=""', "session_user_id=1"),
)
DAMAGES: tuple[Damage, ...] = ("flip", "lower", "cut", "swap", "unsigned")
templates = likely((5, st.just("session={value}")), (1, st.sampled_from(AROUND)))
damages = likely((9, st.just("none")), (1, st.sampled_from(DAMAGES)))
issued = st.builds(Issued, likely((4, st.just(0)), (1, st.integers(1, 3))))
cookies = likely(
    (5, st.builds(Cookie, issued, templates, damages)),
    (6, st.builds(Cookie, crafted, templates, damages)),
    (1, st.sampled_from(LITERALS).map(lambda header: Cookie(None, header))),
)
