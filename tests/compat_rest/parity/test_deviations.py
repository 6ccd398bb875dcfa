"""A row explains exactly the difference it states, where and when it states it."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from compat_rest.parity.conditions import Asked, parse
from compat_rest.parity.cookies import flask_json, sign
from compat_rest.parity.deviations import COLUMNS, KINDS, BadDeviations, Deviations
from compat_rest.parity.messages import NO_ANSWER, Answer, Request
from compat_rest.parity.patterns import Pattern, fits, page
from tests.compat_rest.parity.stories import answer, request

HEAD = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}\n"
HTML = ("Content-Type", "text/html; charset=utf-8")


def html(status: int, *headers: tuple[str, str]) -> Answer:
    body = page(status)
    return Answer(status, (HTML, ("Content-Length", str(len(body))), *headers), body)


def table(folder: Path, *rows: str, text: str = "") -> Deviations:
    path = folder / "deviations.md"
    path.write_text(
        text or f"# Deviations\n\nWords.\n\n{HEAD}" + "".join(f"| {row} |\n" for row in rows) + "\nMore.\n"
    )
    return Deviations.load(path)


ROW = (
    "null | crash | old.login | old/*[*] | body is not an object | / | `500 page` | `400 page` | It crashed."
)
NULL = Asked(request("POST /login", body="null"))


def test_a_row_explains_what_it_states(tmp_path: Path) -> None:
    rows = table(tmp_path, ROW)
    found = rows.explain("old/07-shapes", 3, "old.login", html(500), html(400), asked=NULL)
    assert found is rows.rows[0]
    assert (found.id, found.kind, found.old, found.new, found.reason) == (
        "null",
        "crash",
        "500 page",
        "400 page",
        "It crashed.",
    )


@pytest.mark.parametrize(
    ("recording", "operation", "old", "new", "asked"),
    [
        ("other/07-shapes", "old.login", html(500), html(400), NULL),
        ("old/07-shapes", "old.logout", html(500), html(400), NULL),
        ("old/07-shapes", None, html(500), html(400), NULL),
        ("old/07-shapes", "old.login", html(500), html(404), NULL),
        ("old/07-shapes", "old.login", html(404), html(400), NULL),
        ("old/07-shapes", "old.login", answer(500, {}), html(400), NULL),
        ("old/07-shapes", "old.login", html(500), answer(400, {}), NULL),
        ("old/07-shapes", "old.login", html(500), Answer(400, (HTML,), b"<h1>Other</h1>"), NULL),
        ("old/07-shapes", "old.login", html(500), html(400, ("Vary", "Cookie")), NULL),
        ("old/07-shapes", "old.login", html(500, ("Vary", "Cookie")), html(400), NULL),
        ("old/07-shapes", "old.login", html(500), html(400, ("Set-Cookie", "a=b")), NULL),
        ("old/07-shapes", "old.login", html(500), html(400), Asked(request("POST /login", body="{}"))),
        ("old/07-shapes", "old.login", html(500), html(400), None),
        ("old/07-shapes", "old.login", html(400), html(400), NULL),
    ],
)
def test_a_row_explains_nothing_else(
    tmp_path: Path, recording: str, operation: str | None, old: Answer, new: Answer, asked: Asked | None
) -> None:
    assert table(tmp_path, ROW).explain(recording, 3, operation, old, new, asked=asked) is None


@pytest.mark.parametrize(
    ("recordings", "held"),
    [
        (
            "old/*[*]",
            {
                ("old/07-a", 0),
                ("old/07-a", 1),
                ("old/07-a", 7),
                ("old/08-b", 0),
                ("old/08-b", 1),
                ("old/08-b", 7),
            },
        ),
        ("old/07-*[1-7]", {("old/07-a", 1), ("old/07-a", 7)}),
        ("07-*[0,1]", {("old/07-a", 0), ("old/07-a", 1), ("new/07-a", 0), ("new/07-a", 1)}),
        ("07-*[1], old/08-b[7]", {("old/07-a", 1), ("new/07-a", 1), ("old/08-b", 7)}),
    ],
)
def test_recordings_and_steps(tmp_path: Path, recordings: str, held: set[tuple[str, int]]) -> None:
    rows = table(tmp_path, f"r | fault | * | {recordings} | | / | `*` | `400 page` | Why.")
    places = {(name, step) for name in ("old/07-a", "new/07-a", "old/08-b") for step in (0, 1, 7)}
    assert {place for place in places if rows.explain(*place, None, html(404), html(400))} == held


def test_a_pointer_narrows_a_row_to_a_part_of_the_answer(tmp_path: Path) -> None:
    rows = table(tmp_path, "junk | leak | * | *[*] | | /body/internal | `200 *` | `200 *` | Leaked.")
    old, new = answer(200, {"a": 1, "internal": {"x": 1}}), answer(200, {"a": 1})
    assert rows.explain("x", 0, None, old, new) is not None
    assert rows.explain("x", 0, None, old, answer(200, {"a": 2})) is None


def test_a_row_has_several_pointers_and_any_one_name(tmp_path: Path) -> None:
    rows = table(tmp_path, "junk | leak | * | *[*] | | /body/*/inner, /body/note | `*` | `*` | Leaked.")

    def explained(old: object, new: object) -> bool:
        return rows.explain("x", 0, None, answer(200, old), answer(200, new)) is not None

    assert explained([{"a": 1, "inner": {"x": 1}}, {"inner": 2}], [{"a": 1, "inner": {"x": 2}}, {"inner": 3}])
    assert explained({"note": 1, "c": {"inner": 1}}, {"note": 2, "c": {"inner": 2}})
    assert not explained({"c": {"d": {"inner": 1}}}, {"c": {"d": {"inner": 2}}})
    assert not explained({"note": 1, "other": 1}, {"note": 2, "other": 2})


def explained(rows: Deviations, old: object, new: object, *, status: int = 200) -> bool:
    return rows.explain("x", 0, None, answer(200, old), answer(status, new)) is not None


def test_a_row_says_what_stands_at_the_places_that_differ(tmp_path: Path) -> None:
    said = '`200 * with "{*}"` or `200 * with 1` | `200 * with "first"` or `200 * with nothing`'
    rows = table(tmp_path, f"list | leak | * | *[*] | | /body/a | {said} | Its own notation.")
    assert explained(rows, {"a": "{x,y}", "b": 1}, {"a": "first", "b": 1})
    assert explained(rows, {"a": 1, "b": 1}, {"b": 1})
    assert not explained(rows, {"a": "x", "b": 1}, {"a": "first", "b": 1})
    assert not explained(rows, {"a": "{x}", "b": 1}, {"a": "second", "b": 1})
    assert not explained(rows, {"b": 1}, {"a": "first", "b": 1})
    assert not explained(rows, {"a": "{x}", "b": 1}, {"a": "first", "b": 2})


def test_a_text_may_hold_the_word(tmp_path: Path) -> None:
    rows = table(tmp_path, 'a | leak | * | *[*] | | / | `*` | `404 {"a":"x with y"}` | Why.')
    assert explained(rows, {}, {"a": "x with y"}, status=404)
    assert not explained(rows, {}, {"a": "x"}, status=404)


def test_a_pointer_names_an_item_by_what_the_old_answer_holds(tmp_path: Path) -> None:
    said = '`200 * with "*"` | `200 * with nothing`'
    rows = table(tmp_path, f"echo | fault | * | *[*] | | /body/d/*{{path=password}}/value | {said} | Echo.")
    password, email = {"path": "password", "value": "x"}, {"path": "email", "value": "y"}
    bare = {"path": "password"}
    assert explained(rows, {"d": [email, password]}, {"d": [email, bare]})
    assert not explained(rows, {"d": [email, password]}, {"d": [{"path": "email"}, password]})
    assert not explained(rows, {"d": [email, password]}, {"d": [email, {"path": "password", "value": "z"}]})
    assert not explained(rows, {"d": {"path": "password"}}, {"d": {"path": "email"}})
    assert not explained(rows, {"d": ["password"]}, {"d": ["email"]})
    text = Answer(200, (("Content-Type", "text/plain"),), b"no JSON")
    assert rows.explain("x", 0, None, text, answer(200, {"d": []})) is None


def test_what_is_no_json_is_no_value(tmp_path: Path) -> None:
    said = '`200 * with "*"` | `200 * with "*"`'
    rows = table(tmp_path, f"told | leak | * | *[*] | | /headers/x-told | {said} | Why.")
    pair = [answer(200, {}, ("X-Told", each)) for each in ("plain", '"json"')]
    assert rows.explain("x", 0, None, pair[0], pair[1]) is None


def test_an_object_may_have_further_keys(tmp_path: Path) -> None:
    rows = table(tmp_path, 'a | leak | * | *[*] | | / | `*` | `404 {"a":1,"...":"*"}` | Why.')
    assert explained(rows, {}, {"a": 1, "b": 2}, status=404)
    assert not explained(rows, {}, {"a": 2, "b": 2}, status=404)
    assert not explained(rows, {}, {"b": 2}, status=404)


def test_headers_named_after_except_may_differ(tmp_path: Path) -> None:
    answers = '`*` | `401 {"error":"No"} except Set-Cookie`'
    rows = table(tmp_path, f"out | fault | * | *[*] | session was ended | / | {answers} | Over.")
    value = sign(flask_json({"user_id": 1}), "x", 1)
    again = sign(flask_json({"user_id": 1}), "x", 2)
    old = answer(200, {}, ("Set-Cookie", "session=; Path=/"))
    new = answer(401, {"error": "No"})
    for sent, ended, explained in [
        (value, value, True),
        (f'"{value}"', value, True),
        (again, value, False),
        ("", value, False),
    ]:
        cookies = (("Cookie", f"session={sent}"),) if sent else ()
        asked = Asked(request("GET /me", *cookies), frozenset({ended.rsplit(".", 1)[0]}))
        assert (rows.explain("x", 0, None, old, new, asked=asked) is not None) is explained


def test_the_first_row_that_explains_wins_and_equal_answers_need_none(tmp_path: Path) -> None:
    rows = table(tmp_path, ROW, ROW.replace("null |", "second |", 1).replace("body is not an object", ""))
    assert len(rows.rows) == 2
    found = rows.explain("old/x", 0, "old.login", html(500), html(400))
    assert found is not None and found.id == "second"
    assert rows.explain("old/x", 0, "old.login", html(500), html(500)) is None


SESSION = sign(b'{"user_id":"abc"}', "x", 1)


@pytest.mark.parametrize(
    ("condition", "true", "false"),
    [
        (
            "body is an object",
            [request("POST /", body="{}")],
            [request("POST /", body="[]"), request("POST /", body="{")],
        ),
        (
            "body is not an object",
            [request("POST /", body="null")],
            [request("POST /", body="{"), request("POST /")],
        ),
        (
            "body/a/b is text",
            [request("POST /", body='{"a":{"b":"x"}}')],
            [request("POST /", body='{"a":{"b":1}}'), request("POST /", body='{"a":1}')],
        ),
        ("body/a is not text", [request("POST /", body='{"a":1}')], [request("POST /", body="{}")]),
        (
            "body/a is a number",
            [request("POST /", body=f'{{"a":{value}}}') for value in ("1", "1.5", "true", "NaN")],
            [request("POST /", body='{"a":"1"}')],
        ),
        (
            "body/a is not a number",
            [request("POST /", body='{"a":"1"}')],
            [request("POST /", body='{"a":1}')],
        ),
        (
            "body/a is a bigint",
            [request("POST /", body=f'{{"a":{value}}}') for value in ("1", '" -7 "', "9223372036854775807")],
            [
                request("POST /", body=f'{{"a":{value}}}')
                for value in ("1.5", "true", "9223372036854775808", '"x"')
            ],
        ),
        (
            "body/a is not a bigint",
            [request("POST /", body='{"a":[1]}')],
            [request("POST /", body='{"a":1}')],
        ),
        (
            "body holds what no database stores",
            [request("POST /", body='{"a":["\\u0000"]}'), request("POST /", body='{"\\ud800":1}')],
            [request("POST /", body='{"a":"\\ud83d\\udc09"}')],
        ),
        (
            "body/a holds NUL",
            [request("POST /", body='{"a":"x\\u0000y"}')],
            [request("POST /", body='{"a":"x"}')],
        ),
        (
            "body/a ends with NUL",
            [request("POST /", body='{"a":"x\\u0000"}')],
            [request("POST /", body='{"a":"x\\u0000y"}'), request("POST /", body='{"a":0}')],
        ),
        (
            "body/a is text and body/b is text",
            [request("POST /", body='{"a":"x","b":"y"}')],
            [request("POST /", body='{"a":"x","b":1}')],
        ),
        (
            "session is not an object",
            [request("GET /", ("Cookie", f"session={sign(raw, 'x', 1)}")) for raw in (b"not json", b"[1]")],
            [
                request("GET /"),
                request("GET /", ("Cookie", "session=junk")),
                request("GET /", ("Cookie", f"session={sign(b'null', 'x', 1)}")),
                request("GET /", ("Cookie", f"session={SESSION}")),
            ],
        ),
        (
            "session/user_id is not a bigint",
            [request("GET /", ("Cookie", f"a=b; session={SESSION}; session={sign(b'[]', 'x', 1)}"))],
            [request("GET /", ("Cookie", f"session={sign(b'{}', 'x', 1)}"))],
        ),
        (
            "path holds a number beyond bigint",
            [request("GET /courses/9223372036854775808/enroll"), request("GET /%39" + "9" * 5000)],
            [request("GET /courses/9223372036854775807"), request("GET /x?99999999999999999999")],
        ),
        (
            "body is not an object or body/a is text and body/b is text",
            [request("POST /", body="[]"), request("POST /", body='{"a":"","b":""}')],
            [request("POST /", body='{"a":""}'), request("POST /")],
        ),
        (
            "body holds what no database stores",
            [request("POST /", body=body) for body in ('{"a":[NaN]}', '{"a":-Infinity}', '"\\u0000"')],
            [request("POST /", body='{"a":[1.5,1,true,null,"x"]}')],
        ),
        (
            "session is not an object",
            [
                request("GET /", ("Cookie", f"session={sign(raw, 'x', 1)}"))
                for raw in (b'\xef\xbb\xbf{"user_id":1}', b'{"user_id":{" u":"no uuid"}}')
            ],
            [request("GET /", ("Cookie", f"session={sign(b'{}', 'x', 1)}"))],
        ),
        (
            "method is unknown",
            [request("FROB /"), request("get /")],
            [request("PROPFIND /"), request("TRACE /")],
        ),
        ("body nests too deep", [request("POST /", body="[" * 901)], [request("POST /", body="[]" * 2000)]),
    ],
)
def test_conditions_on_the_request(condition: str, true: list[Request], false: list[Request]) -> None:
    holds = parse(condition)
    assert [holds(Asked(asked)) for asked in (*true, *false)] == [True] * len(true) + [False] * len(false)


def test_brackets_too_deep_to_read_are_no_body() -> None:
    asked = Asked(request("POST /", body="[" * 100_000))
    assert not parse("body is not an object")(asked)
    assert parse("body nests too deep")(asked)


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("`404 page`", [html(404)], [html(405), Answer(404, (HTML,), b"x"), Answer(404, (), page(404))]),
        ("`4xx`", [html(404), answer(400, {})], [html(500)]),
        ("`* page`", [html(404), html(500)], [answer(404, {}), Answer(299, (HTML,), b"x")]),
        ("`no answer`", [NO_ANSWER], [html(500)]),
        ("`200 *` or `401 {}`", [html(200), answer(401, {})], [answer(401, {"a": 1}), answer(402, {})]),
        (
            '`200 {"a":"*","b":["x*z",1,null]}`',
            [answer(200, {"a": {"any": 1}, "b": ["xyz", 1, None]})],
            [
                answer(200, {"a": 1, "b": ["xyz", 1, None], "c": 1}),
                answer(200, {"a": 1, "b": ["xyz", True, None]}),
                answer(200, {"a": 1, "b": ["yz", 1, None]}),
                answer(200, {"a": 1, "b": ["xyz", 1]}),
                Answer(200, (("Content-Type", "application/json"),), b"{"),
            ],
        ),
        (
            '`400 text "Invalid*"`',
            [Answer(400, (("Content-Type", "text/plain"),), b"Invalid request")],
            [
                Answer(400, (("Content-Type", "text/html"),), b"Invalid"),
                Answer(400, (("Content-Type", "text/plain"),), b"Bad"),
            ],
        ),
    ],
)
def test_patterns_of_answers(pattern: str, matching: list[Answer], other: list[Answer]) -> None:
    match: Callable[[Answer], object] = Pattern.parse(pattern).match
    assert [match(one) is not None for one in (*matching, *other)] == [True] * len(matching) + [False] * len(
        other
    )


def test_the_answer_to_head_has_no_body_to_match() -> None:
    for pattern, given in [
        ("`404 page`", Answer(404, (HTML,))),
        ("`401 {}`", Answer(401, (("Content-Type", "application/json"),))),
        ('`400 text "x"`', Answer(400, (("Content-Type", "text/plain"),))),
    ]:
        assert Pattern.parse(pattern).match(given) is None
        assert Pattern.parse(pattern).match(given, head=True) is not None


def test_lists_fit_item_by_item() -> None:
    assert fits(["*", 1], [None, 1])
    assert not fits([1], {"0": 1})


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (
            ROW.replace("crash", "whim"),
            "'whim' is no kind; known are fault, crash, hang, leak, wire, broken.",
        ),
        (ROW.replace("null |", " |", 1), "the id is empty."),
        (ROW.replace("old.login", ""), "the operations is empty."),
        (ROW.replace("It crashed.", ""), "the reason is empty."),
        (ROW.replace("old/*[*]", "old/*"), "'old/*' is no list such as old/*[*] or 09-logout[6-11,15]."),
        (ROW.replace("[*]", "[a]"), "'a' is neither a step, nor a range such as 6-11, nor *."),
        (ROW.replace("| / |", "| body |"), "the pointer 'body' does not begin with a slash."),
        (
            ROW.replace("is not an object", "is odd"),
            "'body is odd' is no condition; after body, session, path",
        ),
        (ROW.replace("body is", "cookie is"), "'cookie is not an object' is no condition"),
        (ROW.replace("`500 page`", "500 page"), "'500 page' is not one or more answers in backquotes"),
        (ROW.replace("`500 page`", "`500 page` and `501`"), "is not one or more answers in backquotes"),
        (ROW.replace("`500 page`", "`page`"), "'page' does not begin with a status, *, or 'no answer'."),
        (
            ROW.replace("`500 page`", "`500 pages`"),
            "'pages' is neither page, *, text and a JSON text, nor JSON",
        ),
        (ROW.replace("`500 page`", "`500 text oops`"), "is neither page, *, text and a JSON text, nor JSON"),
        (ROW.replace("`500 page`", "`400 page`"), "a crash row has an old answer that is not a 5xx."),
        (ROW.replace("crash", "hang"), "a hang row has an old answer; `no answer` is expected."),
        (ROW.replace(" | It crashed.", ""), "has 8 cells; 9 are expected."),
    ],
)
def test_a_bad_row_is_named_with_its_line(tmp_path: Path, row: str, complaint: str) -> None:
    with pytest.raises(BadDeviations) as error:
        table(tmp_path, ROW.replace("null |", "first |", 1), row)
    assert str(error.value).startswith(f"{tmp_path / 'deviations.md'}:8: ")
    assert complaint in str(error.value)


def test_a_hang_becomes_an_answer(tmp_path: Path) -> None:
    rows = table(tmp_path, "hang | hang | * | *[*] | | / | `no answer` | `404 page` | It hung.")
    assert rows.explain("x", 0, None, NO_ANSWER, html(404)) is not None


def test_a_file_needs_one_table_and_distinct_ids(tmp_path: Path) -> None:
    with pytest.raises(BadDeviations, match="has 0 tables with the columns id"):
        table(tmp_path, text="# Nothing\n")
    with pytest.raises(BadDeviations, match=r":8: null is the id of line 7 too\."):
        table(tmp_path, ROW, ROW)
    with pytest.raises(BadDeviations, match="cannot be read"):
        Deviations.load(tmp_path / "none.md")
    assert table(tmp_path, text=HEAD).rows == ()


def test_a_bar_in_a_cell_is_escaped(tmp_path: Path) -> None:
    rows = table(tmp_path, ROW.replace("It crashed.", "It\\|crashed."))
    assert rows.rows[0].reason == "It|crashed."


def test_the_projects_own_table_is_short_and_sound(repository: Path) -> None:
    rows = Deviations.load(repository / "docs" / "deviations.md").rows
    assert 0 < len(rows) < 60
    kinds = Counter(row.kind for row in rows)
    counted = ", ".join(f"{kind} {kinds[kind]}" for kind in KINDS)
    assert f"Rows by kind: {counted}." in (repository / "docs" / "deviations.md").read_text()
