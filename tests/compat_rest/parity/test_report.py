"""Reports say what differs, to people and to machines, and keep secrets to themselves."""

import io
import json
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path

from rich.console import Console

from compat_rest.parity import report, report_html
from compat_rest.parity.cookies import flask_json, sign
from compat_rest.parity.masking import is_secret, mask_text, mask_value
from compat_rest.parity.messages import NO_ANSWER, Answer
from compat_rest.parity.replay import Contract, Results, replay
from tests.compat_rest.parity.stories import Parrot, answer, request, told
from tests.compat_rest.parity.test_deviations import html
from tests.compat_rest.parity.test_replay import deviations

PASSWORD, TOKEN = "correct horse", "tok-en-of-somebody-0123456789"
COOKIE = sign(flask_json({"user_id": 1}), "own", 1_800_000_000)


async def replayed(folder: Path) -> Results:
    """One story: equal, a changed word, changed bytes, a crash explained, no answer, another header."""
    odd = Answer(200, (("Content-Type", "text/plain"),), b"\x00 <b>[red]one[/red]</b> \xff\xef\xbf\xbf")
    old = [
        (request("GET /same"), answer(200, {"a": 1})),
        (
            request(f"POST /login?token={TOKEN}", body=f'{{"password":"{PASSWORD}"}}'),
            answer(
                200,
                {"message": "Hello", "access_token": TOKEN, "password": PASSWORD},
                ("Set-Cookie", f"session={COOKIE}"),
            ),
        ),
        (request("GET /bytes"), answer(200, {"a": "é"})),
        (request("GET /crash"), html(500)),
        (request("GET /odd"), odd),
        (request("GET /vary"), answer(200, {"a": 1}, ("Vary", "Cookie"))),
    ]
    other = Answer(200, old[2][1].headers, '{"a":"é"}\n'.encode())
    given = [
        old[0][1],
        answer(
            200,
            {"message": "Hullo", "access_token": TOKEN[::-1], "password": PASSWORD},
            ("Set-Cookie", "session=none"),
        ),
        Answer(
            200,
            tuple((k, str(len(other.body)) if k == "Content-Length" else v) for k, v in other.headers),
            other.body,
        ),
        html(400),
        NO_ANSWER,
        answer(200, {"a": 1}),
    ]
    recording = told(folder, *old)
    return await replay(
        [recording], Parrot(lambda _: given), lambda _: Contract("old"), deviations=deviations(folder)
    )


def printed(results: Results) -> str:
    out = io.StringIO()
    report.show(results, Console(file=out, width=100))
    return out.getvalue()


async def test_the_terminal_shows_differences_then_the_table_then_one_sentence(tmp_path: Path) -> None:
    text = printed(await replayed(tmp_path))
    assert '/body/message: "Hello" -> "Hullo" (another value)' in text
    assert '- "message": "Hello",' in text and '+ "message": "Hullo",' in text
    assert "the same text, escaped in another way" in text
    assert "/status: 200 -> 0" in text and "+no answer" in text
    assert "/headers/vary: Cookie -> nothing" in text and "-vary: Cookie" in text
    assert "old/story" in text and "It crashed." in text
    assert "Rule never explains no step of these recordings." in text
    assert "old/story has no second run beside it" in text
    assert text.endswith("1 recordings, 6 steps: 1 equal, 1 explained, 4 different.\n")


async def test_escapes_that_differ_are_shown_as_bytes(tmp_path: Path) -> None:
    results = await replayed(tmp_path)
    assert report.unified(results.recordings[0].steps[2])[-2:] == [
        '-\'{"a":"\\\\u00e9"}\\n\'',
        '+\'{"a":"é"}\\n\'',
    ]


async def test_json_for_machines(tmp_path: Path) -> None:
    said = json.loads(report.as_json(await replayed(tmp_path)))
    assert (said["steps"], said["equal"], said["explained"], said["different"]) == (6, 1, 1, 4)
    assert said["deviations"] == {"ended": 0, "crash": 1, "never": 0, "elsewhere": 0}
    assert said["unused"] == ["ended", "never"]
    recording = said["recordings"][0]
    assert recording["name"] == "old/story"
    assert [(one["step"], one["deviation"]) for one in recording["differences"]] == [
        (1, None),
        (2, None),
        (3, "crash"),
        (4, None),
        (5, None),
    ]
    assert recording["differences"][4]["places"] == [
        {"pointer": "/headers/vary", "old": "Cookie", "new": None, "note": ""}
    ]


async def test_junit_has_a_case_for_each_step(tmp_path: Path) -> None:
    root = ElementTree.fromstring(report.as_junit(await replayed(tmp_path)))
    suite = root[0]
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("old/story", "6", "4")
    assert [[child.tag for child in case] for case in suite] == [
        [],
        ["failure"],
        ["failure"],
        ["system-out"],
        ["failure"],
        ["failure"],
    ]
    assert "\\u0000" in (suite[4][0].text or "")


async def test_the_page_is_whole_and_loads_nothing(tmp_path: Path) -> None:
    page = report_html.as_html(await replayed(tmp_path))
    assert "http" not in page.replace("https://example", "") and "src=" not in page
    assert "&lt;b&gt;" in page and "<b>" not in page
    assert "prefers-color-scheme: dark" in page
    open_tags: list[str] = []

    class Balanced(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag != "meta":
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Balanced().feed(page)
    assert open_tags == []
    assert page.count("<details open>") == 4 and page.count("<details>") == 1


async def test_no_report_tells_a_secret(tmp_path: Path) -> None:
    results = await replayed(tmp_path)
    for text in (
        printed(results),
        report.as_json(results),
        report.as_junit(results),
        report_html.as_html(results),
    ):
        assert PASSWORD not in text and TOKEN not in text and TOKEN[::-1] not in text and COOKIE not in text
        assert "secret of" in text


async def test_a_replay_without_differences_is_short(tmp_path: Path) -> None:
    recording = told(tmp_path, (request("GET /"), answer(200, {})), again=[answer(200, {})])
    results = await replay([recording], Parrot(lambda _: [answer(200, {})]), lambda _: Contract("old"))
    assert printed(results).endswith("1 recordings, 1 steps: 1 equal, 0 explained, 0 different.\n")
    page = report_html.as_html(results)
    assert "<details" not in page and "Deviations" not in page
    assert report.as_junit(results).count("<testcase") == 1


def test_secrets_are_known_by_name_and_by_form() -> None:
    names = ("password", "access_token", "Set-Cookie", "token_type", "message")
    assert [is_secret(name) for name in names] == [True, True, True, False, False]
    assert mask_value("/body/password", '"x"') == "<secret of 3 characters, ba2df490>"
    assert mask_value("/body/tokens/0", '"x"') == "<secret of 3 characters, ba2df490>"
    assert mask_value("/body/message", '"x"') == '"x"'
    assert mask_value("/body/password", None) is None
    assert mask_text("session=abc; Path=/") == "session=<secret of 3 characters, ba7816bf>; Path=/"
    assert mask_text('{"token_type":"bearer"}') == '{"token_type":"bearer"}'
    assert mask_text(f"Bearer {COOKIE}").startswith("Bearer <secret of ")


def test_long_values_are_cut(tmp_path: Path) -> None:
    assert report._short("x" * 200) == "x" * 120 + "... (200 characters)"
