"""Every kind of difference between two answers is found, and nothing else is.

Each test plants one difference; the same comparison without it finds nothing.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from compat_rest.parity.compare import Difference, differences
from compat_rest.parity.cookies import flask_json, sign
from compat_rest.parity.identities import Identities
from compat_rest.parity.messages import NO_ANSWER, Answer
from compat_rest.parity.noise import Noise
from compat_rest.parity.tolerance import Tolerance, ToleranceKind
from tests.compat_rest.parity.stories import answer

HOUR = timedelta(hours=1)
A, B, C = "0b0e7a3c-1111-4222-8333-444455556666", "1c0e7a3c-1111-4222-8333-444455556666", "2" * 24


def body(text: str, *headers: tuple[str, str], status: int = 200) -> Answer:
    fixed = (("Content-Type", "application/json"), ("Content-Length", str(len(text.encode()))))
    return Answer(status, (*fixed, *headers), text.encode())


def allow(pointer: str, kind: ToleranceKind, within: float | None = None) -> list[Tolerance]:
    return [Tolerance(pointer, kind, "a test says so", within)]


def places(old: Answer, new: Answer, **options: Any) -> list[str]:
    return [one.pointer for one in differences(old, new, **options)]


def noise_of(old: str, again: str, shift: timedelta = HOUR) -> Noise:
    return Noise.between(body(old), body(again)).moved(shift, timedelta(seconds=60))


OLD = body('{"error":"No such \\u00e9","list":[1,2.0,null],"ok":true}\n')


def test_an_equal_answer_has_no_difference() -> None:
    assert differences(OLD, OLD) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"error":"No such \\u00e8","list":[1,2.0,null],"ok":true}\n', ["/body/error"]),
        ('{"error":"No such é","list":[1,2.0,null],"ok":true}\n', ["/body/error"]),
        ('{"error":"No such \\u00E9","list":[1,2.0,null],"ok":true}\n', ["/body/error"]),
        ('{"list":[1,2.0,null],"error":"No such \\u00e9","ok":true}\n', ["/body"]),
        ('{"error":"No such \\u00e9","list":[1,2,null],"ok":true}\n', ["/body/list/1"]),
        ('{"error":"No such \\u00e9","list":[1,2.00,null],"ok":true}\n', ["/body/list/1"]),
        ('{"error":"No such \\u00e9","list":[3,2.0,null],"ok":true}\n', ["/body/list/0"]),
        ('{"error":"No such \\u00e9","list":["1",2.0,null],"ok":true}\n', ["/body/list/0"]),
        ('{"error":"No such \\u00e9","list":[1,2.0],"ok":true}\n', ["/body/list"]),
        ('{"error":"No such \\u00e9","list":[1,2.0,null],"ok":false}\n', ["/body/ok"]),
        ('{"error":"No such \\u00e9","list":[1,2.0,null]}\n', ["/body/ok"]),
        ('{"error":"No such \\u00e9","list":[1,2.0,null],"more":1,"ok":true}\n', ["/body/more"]),
        ('{"error":"No such \\u00e9", "list":[1,2.0,null],"ok":true}\n', ["/body"]),
        ('{"error": "No such \\u00e9","list":[1,2.0,null],"ok":true}\n', ["/body"]),
        ('{"error":"No such \\u00e9","list":[1,2.0,null],"ok":true}', ["/body"]),
        ('{"error":"No such \\u00e9","list":[1,2.0,null],"ok":true,"ok":true}\n', ["/body"]),
        ("<html>", ["/body"]),
        ("", ["/body"]),
    ],
)
def test_another_body_is_found_where_it_differs(text: str, found: list[str]) -> None:
    assert places(OLD, body(text)) == found


def test_another_status_is_found() -> None:
    assert differences(OLD, Answer(201, OLD.headers, OLD.body)) == [Difference("/status", "200", "201")]


def test_no_answer_is_compared_by_that_alone() -> None:
    assert places(NO_ANSWER, OLD) == ["/status"]
    assert places(OLD, NO_ANSWER) == ["/status"]
    assert places(NO_ANSWER, NO_ANSWER) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ((("X-One", "1"),), (("x-one", "1"),), []),
        ((("X-One", "1"),), (("X-One", "2"),), ["/headers/x-one"]),
        ((("X-One", "1"),), (), ["/headers/x-one"]),
        ((), (("X-One", "1"),), ["/headers/x-one"]),
        ((("X-One", "1"), ("X-One", "2")), (("X-One", "2"), ("X-One", "1")), ["/headers/x-one"] * 2),
        ((("X-One", "1"), ("X-Two", "2")), (("X-Two", "2"), ("X-One", "1")), []),
        ((("Allow", "GET, HEAD"),), (("Allow", "HEAD, GET"),), []),
        ((("Allow", "GET, HEAD"),), (("Allow", "GET"),), ["/headers/allow"]),
        ((("Vary", "Cookie, Origin"),), (("Vary", "Origin"), ("Vary", "Cookie")), []),
        ((("Vary", "Cookie"),), (), ["/headers/vary"]),
        ((("Server", "a"), ("Date", "b"), ("Connection", "close")), (("Keep-Alive", "5"),), []),
        ((("ETag", 'W/"66-vpGtfrLajySicQBGuQwFp/0/9/g"'),), (("ETag", "none"),), ["/headers/etag"]),
    ],
)
def test_headers_are_compared_by_name(
    old: Sequence[tuple[str, str]], new: Sequence[tuple[str, str]], found: list[str]
) -> None:
    assert places(body("{}", *old), body("{}", *new)) == found


def test_a_wrong_length_under_an_equal_body_is_found() -> None:
    assert places(Answer(200, (("Content-Length", "5"),)), Answer(200, (("Content-Length", "6"),))) == [
        "/headers/content-length"
    ]


def test_a_compressed_length_may_differ() -> None:
    old, new = (
        Answer(200, (("Content-Encoding", "gzip"), ("Content-Length", length)), b"x")
        for length in ("20", "22")
    )
    assert places(old, new) == []


def test_clocks_move_as_far_as_the_run() -> None:
    old, again = '{"at":"2026-01-01T00:00:00.123456"}', '{"at":"2026-01-01T00:10:00.654321"}'
    noise = noise_of(old, again)
    for new, found in [
        ("2026-01-01T01:00:09.000001", []),
        ("2026-01-01T01:00:09", []),
        ("2026-01-01T03:00:09.000001", ["/body/at"]),
        ("2026-01-01T01:00:09.001", ["/body/at"]),
        ("2026-01-01T01:00:09.000001Z", ["/body/at"]),
        ("2026-01-01 01:00:09.000001", ["/body/at"]),
        ("2026-13-01T01:00:09.000001", ["/body/at"]),
        ("soon", ["/body/at"]),
    ]:
        assert places(body(old), body(f'{{"at":"{new}"}}'), noise=noise) == found, new


def test_a_clock_that_did_not_move_between_the_runs_may_not_move() -> None:
    text = '{"at":"2026-01-01T00:00:00"}'
    assert places(body(text), body(text.replace("00:00:00", "01:00:00")), noise=noise_of(text, text)) == [
        "/body/at"
    ]


def test_a_javascript_clock_keeps_its_milliseconds() -> None:
    old, again = '{"at":"2026-01-01T00:00:00.000Z"}', '{"at":"2026-01-01T00:00:10.001Z"}'
    noise = noise_of(old, again)
    assert places(body(old), body('{"at":"2026-01-01T01:00:00.999Z"}'), noise=noise) == []
    assert places(body(old), body('{"at":"2026-01-01T01:00:00Z"}'), noise=noise) == ["/body/at"]


def test_dates_and_http_dates_move_too() -> None:
    noise = Noise.by_form(shift=HOUR)
    assert places(body('"2026-01-01"'), body('"2026-01-02"'), noise=noise) == []
    assert places(body('"2026-01-01"'), body('"2026-01-09"'), noise=noise) == ["/body"]
    header = ("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
    late, early = (
        ("Last-Modified", "Thu, 01 Jan 2026 01:00:00 GMT"),
        ("Last-Modified", "Thu, 01 Jan 2026 09:00:00 GMT"),
    )
    assert places(body("{}", header), body("{}", late), noise=noise) == []
    assert places(body("{}", header), body("{}", early), noise=noise) == ["/headers/last-modified"]


def test_measurements_keep_their_form() -> None:
    noise = noise_of('{"ms":5}', '{"ms":7}')
    assert places(body('{"ms":5}'), body('{"ms":900}'), noise=noise) == []
    assert places(body('{"ms":5}'), body('{"ms":9.5}'), noise=noise) == ["/body/ms"]
    assert places(body('{"ms":5}'), body('{"ms":"5"}'), noise=noise) == ["/body/ms"]


def test_ids_are_renamed_one_to_one_over_all_answers() -> None:
    first = f'{{"id":"{A}","self":"/trees/{A}"}}'
    noise = noise_of(first, first.replace(A, B))
    identities = Identities()
    new = first.replace(A, "9" * 8 + A[8:])
    assert places(body(first), body(new), noise=noise, identities=identities) == []
    # The same old id may not become another one later, nor another old id the same new one.
    assert places(body(first), body(first.replace(A, B)), noise=noise, identities=identities) == [
        "/body/id",
        "/body/self",
    ]
    second = first.replace(A, B)
    assert places(body(second), body(new), noise=noise_of(second, first), identities=identities) == [
        "/body/id",
        "/body/self",
    ]


def test_an_id_used_inconsistently_within_one_answer_is_found() -> None:
    old = f'{{"id":"{A}","parent_id":"{A}"}}'
    noise = noise_of(old, old.replace(A, B))
    new = f'{{"id":"{B}","parent_id":"{"3" * 8}{A[8:]}"}}'
    assert places(body(old), body(new), noise=noise) == ["/body/parent_id"]


def test_an_old_id_that_stays_where_it_was_renamed_is_found() -> None:
    identities = Identities()
    old, again = f'{{"id":"{C}"}}', '{"id":"aaaaaaaaaaaaaaaaaaaaaaaa"}'
    assert places(body(old), body(again), noise=noise_of(old, again), identities=identities) == []
    kept = f'{{"tree":"{C}"}}'
    assert places(body(kept), body(kept), identities=identities) == ["/body/tree"]


def test_numbers_as_ids_are_renamed_within_their_noun() -> None:
    noise = noise_of('{"user":{"id":11}}', '{"user":{"id":12}}')
    identities = Identities()
    assert (
        places(body('{"user":{"id":11}}'), body('{"user":{"id":14}}'), noise=noise, identities=identities)
        == []
    )
    owned = noise_of('{"user_id":11}', '{"user_id":12}')
    assert places(body('{"user_id":11}'), body('{"user_id":14}'), noise=owned, identities=identities) == []
    assert places(body('{"user_id":11}'), body('{"user_id":11}'), noise=owned, identities=identities) == [
        "/body/user_id"
    ]


def test_declared_keys_must_be_added_and_no_others() -> None:
    old = body('{"message":"hello"}\n')
    added = allow("/token", "added")
    assert places(old, body('{"message":"hello","token":"x"}\n'), tolerances=added) == []
    assert places(old, body('{"message":"hello"}\n'), tolerances=added) == ["/body/token"]
    assert places(old, body('{"message":"hello","token":"x","more":1}\n'), tolerances=added) == ["/body/more"]
    assert places(old, body('{"message":"hello", "token":"x"}\n'), tolerances=added) == []
    assert places(old, body('{"message": "hello","token":"x"}\n'), tolerances=added) == ["/body"]
    both = body('{"a":1,"message":"hello"}\n')
    assert places(both, body('{"a":1, "message":"hello","token":"x"}\n'), tolerances=added) == ["/body"]
    assert places(body("{}"), body('{"token":1}'), tolerances=added) == []


def test_a_key_that_a_later_recording_has_is_no_addition() -> None:
    given = body('{"token":"x"}')
    assert places(given, given, tolerances=allow("/token", "added")) == []


def test_keys_are_added_in_every_item() -> None:
    old, new = body('[{"a":1},{"a":2}]'), body('[{"a":1,"b":1},{"a":2,"b":2}]')
    assert places(old, new, tolerances=allow("/*/b", "added")) == []
    assert places(old, body('[{"a":1,"b":1},{"a":2}]'), tolerances=allow("/*/b", "added")) == ["/body/1/b"]


def test_length_and_tag_follow_a_tolerated_body() -> None:
    tag = ("ETag", 'W/"66-vpGtfrLajySicQBGuQwFp/0/9/g"')
    other = ("ETag", 'W/"67-X6ws3694UnWVlwNelxB2tjmLJ+c"')
    old, new = body('{"a":1}', tag), body('{"a":1,"b":2}', other)
    assert places(old, new, tolerances=allow("/b", "added")) == []
    assert places(old, body('{"a":1}', other), tolerances=allow("/c", "volatile")) == ["/headers/etag"]
    strange = body('{"a":1,"b":2}', ("ETag", '"strong"'))
    assert places(old, strange, tolerances=allow("/b", "added")) == ["/headers/etag"]


def test_a_head_answer_may_have_the_length_of_a_tolerated_body() -> None:
    old, new = Answer(200, (("Content-Length", "10"),)), Answer(200, (("Content-Length", "99"),))
    assert places(old, new) == ["/headers/content-length"]
    assert places(old, new, tolerances=allow("/b", "added")) == []


def test_volatile_values_keep_type_and_text_form() -> None:
    old, volatile = body('{"a":"2026-01-01","n":1}'), allow("/a", "volatile") + allow("/n", "volatile")
    assert places(old, body('{"a":"1999-12-31","n":7}'), tolerances=volatile) == []
    assert places(old, body('{"a":"yesterday","n":7}'), tolerances=volatile) == ["/body/a"]
    assert places(old, body('{"a":7,"n":7}'), tolerances=volatile) == ["/body/a"]
    assert places(old, body('{"a":"1999-12-31","n":7.5}'), tolerances=volatile) == ["/body/n"]
    inside = body('{"a":{"b":[1,2]}}')
    assert places(inside, body('{"a":{"b":[3,4]}}'), tolerances=allow("/a", "volatile")) == []
    assert places(inside, body('{"a":{"b":[3]}}'), tolerances=allow("/a", "volatile")) == ["/body/a/b"]


def test_value_means_the_type_only() -> None:
    old = body('{"a":{"b":1},"n":1}')
    tolerances = allow("/a", "value") + allow("/n", "value")
    assert places(old, body('{"a":{},"n":2.5}'), tolerances=tolerances) == []
    assert places(old, body('{"a":[],"n":2}'), tolerances=tolerances) == ["/body/a"]


def test_near_is_measured() -> None:
    old = body('{"at":"2026-01-01T00:00:00.5","n":1.5}')
    near = allow("/at", "near", 2) + allow("/n", "near", 0.25)
    assert places(old, body('{"at":"2026-01-01T00:00:02.1","n":1.75}'), tolerances=near) == []
    assert places(old, body('{"at":"2026-01-01T00:00:02.6","n":1.8}'), tolerances=near) == [
        "/body/at",
        "/body/n",
    ]
    assert places(old, body('{"at":"later","n":2}'), tolerances=near) == ["/body/at", "/body/n"]


def test_identity_is_a_renaming_wherever_it_is_declared() -> None:
    tolerances = allow("/user/id", "identity") + allow("/code", "identity")
    identities = Identities()
    old, new = body('{"code":"alpha","user":{"id":11}}'), body('{"code":"beta","user":{"id":13}}')
    assert places(old, new, tolerances=tolerances, identities=identities) == []
    assert places(old, old, tolerances=tolerances, identities=identities) == ["/body/code", "/body/user/id"]
    assert places(old, body('{"code":1,"user":{"id":13.0}}'), tolerances=tolerances) == [
        "/body/code",
        "/body/user/id",
    ]
    named = body(f'{{"code":"tree {A}","user":{{"id":11}}}}')
    renamed = body(f'{{"code":"tree {B}","user":{{"id":11}}}}')
    assert places(named, renamed, tolerances=tolerances) == []


def test_order_of_keys_and_of_items() -> None:
    old, new = body('{"a":[{"x":1},{"x":2},{"x":2}],"b":1}'), body('{"b":1,"a":[{"x":2},{"x":1},{"x":2}]}')
    assert places(old, new) == ["/body", "/body/a/0/x", "/body/a/1/x"]
    assert places(old, new, tolerances=allow("", "order") + allow("/a", "order")) == []
    wrong = body('{"b":1,"a":[{"x":2},{"x":1},{"x":3}]}')
    assert places(old, wrong, tolerances=allow("", "order") + allow("/a", "order")) == ["/body/a/2/x"]
    fewer = body('{"b":1,"a":[{"x":2},{"x":1}]}')
    assert places(old, fewer, tolerances=allow("", "order") + allow("/a", "order")) == ["/body/a"]


def test_items_in_any_order_share_one_renaming() -> None:
    old = f'[{{"id":"{A}"}},{{"id":"{B}"}}]'
    noise = noise_of(old, old.replace(A, "c" + A[1:]).replace(B, "d" + B[1:]))
    identities = Identities()
    identities.match(A, B)
    new = body(f'[{{"id":"e{B[1:]}"}},{{"id":"{B}"}}]')
    order = allow("", "order")
    assert places(body(old), new, noise=noise, tolerances=order, identities=identities) == []
    assert identities.known(B) == f"e{B[1:]}"


def test_headers_have_tolerances_of_their_own() -> None:
    old, new = body("{}", ("X-Reset", "900")), body("{}", ("X-Reset", "899"))
    assert places(old, new, tolerances=allow("header:x-reset", "volatile")) == []
    assert places(old, new, tolerances=allow("header:X-Other", "volatile")) == ["/headers/x-reset"]


def test_a_countdown_may_have_run_as_long_as_a_recording_takes() -> None:
    def left(seconds: str, name: str = "RateLimit-Reset") -> Answer:
        return body("{}", (name, seconds))

    assert places(left("899"), left("900")) == []
    assert places(left("60", "Retry-After"), left("58", "Retry-After")) == []
    assert places(left("899"), left("300")) == ["/headers/ratelimit-reset"]
    assert places(left("899"), left("soon")) == ["/headers/ratelimit-reset"]
    assert places(left("899", "RateLimit-Limit"), left("900", "RateLimit-Limit")) == [
        "/headers/ratelimit-limit"
    ]


def test_a_text_that_is_not_json_may_be_any_where_the_contract_says_so() -> None:
    old, new = (
        Answer(200, (("Content-Length", str(len(text))),), text.encode()) for text in ("up 1\n", "down\n")
    )
    assert places(old, new) == ["/body"]
    assert places(old, new, tolerances=allow("", "value")) == []
    assert places(old, new, tolerances=allow("/other", "value")) == ["/body"]


def test_texts_that_are_not_json_differ_as_a_whole() -> None:
    page, other = Answer(404, (), b"<h1>No tree 11 here</h1>"), Answer(404, (), b"<h1>No tree 12 here</h1>")
    assert places(page, other) == ["/body"]
    assert places(page, other, noise=Noise.between(page, other)) == []
    assert places(Answer(200, (), b"\xff1"), Answer(200, (), b"\xff2")) == ["/body"]


SECRET, NOW = "a secret", 1_800_000_000


def cookie(at: int = NOW, secret: str = SECRET, **payload: object) -> str:
    return sign(flask_json(payload or {"user_id": 1}), secret, at)


def setting(value: str, rest: str = "; HttpOnly; Path=/", name: str = "session") -> Answer:
    return answer(200, {}, ("Set-Cookie", f"{name}={value}{rest}"))


def test_a_session_cookie_may_be_signed_again_and_nothing_more() -> None:
    noise = Noise.none().moved(HOUR, timedelta(seconds=60), SECRET)
    old = setting(cookie())
    assert places(old, setting(cookie(NOW + 3601)), noise=noise) == []
    assert places(old, setting(cookie(NOW + 3601), "; Path=/; HttpOnly"), noise=noise) == []
    notes = {
        "another payload": setting(cookie(NOW + 3601, user_id=2)),
        "signed at a time that is not now": setting(cookie(NOW + 9000)),
        "a signature that the old server would refuse": setting(cookie(NOW + 3601, "another secret")),
        "not the same cookie, signed again": setting("plain"),
    }
    for note, new in notes.items():
        found = differences(old, new, noise=noise)
        assert [(one.pointer, one.note) for one in found] == [("/headers/set-cookie/0", note)]
    assert places(old, setting(cookie(), name="other"), noise=noise) == ["/headers/set-cookie/0"]
    assert places(old, setting(cookie(NOW + 3601), "; HttpOnly; Path=/; Secure"), noise=noise) == [
        "/headers/set-cookie/0/secure"
    ]
    assert places(old, setting(cookie(NOW + 3601), "; HttpOnly"), noise=noise) == [
        "/headers/set-cookie/0/path"
    ]
    assert places(old, setting(cookie(NOW + 3601), "; HttpOnly; Path=/x"), noise=noise) == [
        "/headers/set-cookie/0/path"
    ]
    assert places(old, answer(200, {}), noise=noise) == ["/headers/set-cookie"]


def test_a_payload_follows_the_renaming_of_ids() -> None:
    identities = Identities()
    identities.match("11", "14", "user")
    noise = Noise.none().moved(timedelta(), timedelta(seconds=60))
    old, new = setting(cookie(user_id=11, x=1)), setting(cookie(user_id=14, x=1))
    assert places(old, new, noise=noise, identities=identities) == []
    assert places(old, new, noise=noise) == ["/headers/set-cookie/0"]
    assert places(old, setting(cookie(user_id=14)), noise=noise, identities=identities) == [
        "/headers/set-cookie/0"
    ]
    raw = setting(sign(b"not json", SECRET, NOW))
    assert places(old, raw, noise=noise) == ["/headers/set-cookie/0"]


def test_an_expiry_moves_only_where_two_runs_show_it() -> None:
    value = cookie()
    at, again, late = (
        f"; Expires=Mon, 21 Dec 2026 {time} GMT" for time in ("04:00:00", "05:00:00", "09:00:00")
    )
    noise = Noise.between(setting(value, at), setting(value, again)).moved(HOUR, timedelta(seconds=60))
    assert places(setting(value, at), setting(value, again), noise=noise) == []
    assert places(setting(value, at), setting(value, late), noise=noise) == ["/headers/set-cookie/0/expires"]
    assert places(setting(value, at), setting(value, "; Expires=soon"), noise=noise) == [
        "/headers/set-cookie/0/expires"
    ]
    assert places(setting(value, at), setting(value, again)) == ["/headers/set-cookie/0/expires"]


def test_two_servers_asked_at_once_need_no_second_run() -> None:
    noise = Noise.by_form(secret=SECRET)
    old, new = (f'{{"at":"2026-01-01T00:00:0{second}.5"}}' for second in (1, 4))
    assert places(body(old), body(new), noise=noise) == []
    assert places(body(old), body('{"at":"2026-01-01T00:01:01.5"}'), noise=noise) == ["/body/at"]
    assert places(setting(cookie()), setting(cookie(NOW + 1)), noise=noise) == []
