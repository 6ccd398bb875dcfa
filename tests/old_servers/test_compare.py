"""The comparison of two servers is neither blind nor does it see what is not there."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from tests.old_servers import generate
from tests.old_servers.compare import SECRET, Report, compare, itself, show
from tests.old_servers.drive import Duel
from tests.old_servers.processes import flask
from tests.old_servers.steps import Cookie, Crafted, Issued, Step
from tests.old_servers.values import ROWS


async def test_two_servers_of_one_kind_do_not_differ() -> None:
    with itself() as duel:
        report = await compare(duel, 200, seed=7)
    assert report.found == {}
    assert report.requests == 200
    # The strategies reach every kind of answer that the old server gives.
    assert {old for old, _new in report.statuses} == {200, 201, 308, 400, 401, 404, 405, 415, 500}


async def test_a_difference_is_found_and_made_small(tmp_path: Path) -> None:
    rows = json.loads(ROWS.read_text())
    rows["fixtures"]["start"]["tables"]["courses"][0]["title"] = "Other steps"
    other = tmp_path / "rows.json"
    other.write_text(json.dumps(rows))
    with flask(ROWS, SECRET) as old, flask(other, SECRET) as new:
        report = await compare(Duel(old, new, SECRET), 200, seed=7)
    found = {one.pointer for kind in report.found.values() for one in kind.end.differences}
    assert "/body/courses/0/title" in found
    assert found <= {"/body/courses/0/title", "/body/course/title"}
    for kind in report.found.values():
        assert len(kind.steps) == 1
        assert kind.steps[0].headers == (("Host", generate.HOST),)
        assert (kind.steps[0].body, kind.steps[0].cookie) == (None, None)
    assert "Other steps" in told(report)


def told(report: Report) -> str:
    text = io.StringIO()
    show(report, Console(file=text, width=200))
    return text.getvalue()


def test_a_session_is_the_same_every_time() -> None:
    assert generate.session(5, 11) == generate.session(5, 11)
    assert generate.session(5, 11) != generate.session(5, 12)


@pytest.mark.parametrize(
    ("template", "damage", "change"),
    [
        ("session={value}", "none", lambda value: value),
        ('session="{value}"', "none", lambda value: f'"{value}"'),
        ("session={value}", "cut", lambda value: value[:-4]),
        ("session={value}", "unsigned", lambda value: value.rsplit(".", 1)[0]),
        ("session={value}", "lower", str.lower),
    ],
)
def test_a_cookie_is_damaged_as_told(template: str, damage: str, change: Callable[[str], str]) -> None:
    crafted = Crafted(b"{}")
    value = crafted.signed(SECRET, 1767225600)
    step = Step("GET", "/", cookie=Cookie(crafted, template, damage))  # type: ignore[arg-type]  # any damage
    assert step.request(value).headers == (("Cookie", f"session={change(value)}"),)


def test_a_cookie_that_was_never_issued_is_not_sent() -> None:
    assert Step("GET", "/", cookie=Cookie(Issued())).request(None).headers == ()


def test_a_body_goes_out_whole_or_in_pieces() -> None:
    whole = Step("POST", "/", body=b"x" * 20)
    assert whole.request(None).headers == (("Content-Length", "20"),)
    pieces = Step("POST", "/", body=b"x" * 20, chunked=True).request(None)
    assert pieces.headers == (("Transfer-Encoding", "chunked"),)
    assert pieces.body == b"11\r\n" + b"x" * 17 + b"\r\n3\r\nxxx\r\n0\r\n\r\n"
