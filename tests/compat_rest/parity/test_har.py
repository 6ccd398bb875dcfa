"""Recordings are read into steps, and a file that cannot be read says where and why."""

import json
from pathlib import Path
from typing import Any

import pytest

from compat_rest.parity.har import BadRecording, CookieSource, read
from compat_rest.parity.messages import Answer
from tests.compat_rest.parity.stories import answer, entry, request, write


def one(**extra: Any) -> dict[str, Any]:
    return entry(request("POST /a?b=1", body="{}"), answer(200, {"a": 1}), **extra)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://old.test", "/"),
        ("http://old.test/a?b=http://x/", "/a?b=http://x/"),
        ("http://old.testhttp://old.test/a", "http://old.test/a"),
    ],
)
def test_the_target_is_what_stood_in_the_request_line(url: str, target: str, tmp_path: Path) -> None:
    made = one()
    made["request"]["url"] = url
    del made["request"]["_requestLine"]
    asked = read(write(tmp_path / "story.har", [made])).steps[0].request
    assert asked.line == f"POST {target} HTTP/1.1"


@pytest.mark.parametrize(
    ("said", "upstream"),
    [
        ("notes-service running, fixture two-notes", ("notes-service", "two-notes")),
        ("notes-service not running", None),
        (None, None),
    ],
)
def test_the_state_of_another_service_is_read(
    said: str | None, upstream: tuple[str, str] | None, tmp_path: Path
) -> None:
    log = {} if said is None else {"_upstream": said}
    assert read(write(tmp_path / "story.har", [one()], **log)).upstream == upstream


def changed(place: str, value: object) -> dict[str, Any]:
    """An entry with one value replaced, or taken out with None."""
    made = one(
        _cookie={"kind": "crafted", "signedAt": 1, "payload": {}}, _captures=[{"var": "a", "pointer": "/a"}]
    )
    *path, last = (int(step) if step.isdigit() else step for step in place.split("/"))
    holder: Any = made
    for step in path:
        holder = holder[step]
    if value is None:
        del holder[last]
    else:
        holder[last] = value
    return made


def test_a_step_is_read_with_all_that_replay_needs(tmp_path: Path) -> None:
    extra: dict[str, Any] = {
        "_captures": [{"var": "id", "pointer": "/a"}],
        "_template": {"path": "/a/{{id}}", "headers": {"X": "{{id}}"}, "body": "{{id}}"},
        "_waitBeforeMs": 250.0,
        "_redacted": True,
    }
    path = write(
        tmp_path / "07-story.a.har",
        [one(), one(**extra)],
        _fixture="base",
        _env={"LIMIT": "5"},
        _warmup=[{"method": "GET", "path": "/w", "count": 3}],
    )
    recording = read(path)
    assert (recording.name, recording.state, recording.host) == ("07-story", "base", "old.test")
    assert recording.environ == {"LIMIT": "5"}
    assert [(warm.line, count) for warm, count in recording.warmup] == [("GET /w HTTP/1.1", 3)]
    assert recording.sibling is None
    step = recording.steps[1]
    assert step.request.line == "POST /a?b=1 HTTP/1.1"
    assert (step.request.method, step.request.target, step.request.path) == ("POST", "/a?b=1", "/a")
    assert step.request.body == b"{}"
    assert step.answer == answer(200, {"a": 1})
    assert (step.pause, step.redacted) == (0.25, True)
    assert step.captures[0].variable == "id"
    assert step.template is not None and step.template.path == "/a/{{id}}"


def test_the_second_run_stands_beside_the_first(tmp_path: Path) -> None:
    first, second = (write(tmp_path / f"x.{run}.har", [one()]) for run in "ab")
    assert read(first).sibling == second
    assert read(second).sibling == first
    assert read(write(tmp_path / "y.har", [one()])).sibling is None


def test_a_file_of_a_browser_needs_no_request_line(tmp_path: Path) -> None:
    made = one()
    del made["request"]["_requestLine"]
    assert read(write(tmp_path / "x.har", [made])).steps[0].request.line == "POST /a?b=1 HTTP/1.1"
    made["request"]["url"] = "http://old.test"
    assert read(write(tmp_path / "x.har", [made])).steps[0].request.path == "/"


def test_a_proxy_line_has_a_path_too() -> None:
    assert request("GET http://old.test/a?b").path == "/a"
    assert request("GET http://old.test").path == "/"
    assert request("GET a b").target == "a b"


def test_bodies_are_bytes(tmp_path: Path) -> None:
    made = [one(), one(), one()]
    made[0]["request"]["postData"] = {"_generate": {"prefix": "<", "repeat": "ab", "count": 2, "suffix": ">"}}
    made[1]["request"]["postData"] = {"text": "//4=", "_encoding": "base64"}
    made[2]["response"]["content"] = {"text": "AAE=", "encoding": "base64"}
    steps = read(write(tmp_path / "x.har", made)).steps
    assert [step.request.body for step in steps] == [b"<abab>", b"\xff\xfe", b"{}"]
    assert steps[2].answer.body == b"\x00\x01"


def test_status_0_is_no_answer(tmp_path: Path) -> None:
    made = one()
    made["response"] = {"status": 0, "headers": [], "content": {}, "_waitedSeconds": 6}
    step = read(write(tmp_path / "x.har", [made])).steps[0]
    assert (step.answer, step.waited) == (Answer(0), 6)


def test_cookies_say_where_they_come_from(tmp_path: Path) -> None:
    sources = [
        {"kind": "literal"},
        {"kind": "issued", "issuedBy": 0},
        {"kind": "tampered", "from": 1, "template": "session={value}x"},
        {"kind": "tampered", "from": 1, "op": "flip"},
        {"kind": "tampered", "from": 1, "sendAsRecorded": True},
        {"kind": "crafted", "signedAt": "now-60s", "payloadRaw": "x", "timeBytes": "one leading zero byte"},
        {"kind": "crafted", "signedAt": "now", "payload": {}, "compressed": True, "secret": "foreign"},
    ]
    steps = read(write(tmp_path / "x.har", [one(_cookie=source) for source in sources])).steps
    assert [step.cookie for step in steps] == [
        CookieSource("literal", signed_at=0),
        CookieSource("issued", issued_by=0, signed_at=0),
        CookieSource("tampered", issued_by=1, template="session={value}x", signed_at=0),
        CookieSource("tampered", issued_by=1, operation="flip", signed_at=0),
        CookieSource("tampered", issued_by=1, as_recorded=True, signed_at=0),
        CookieSource("crafted", payload_raw="x", signed_at="now-60s", leading_zero=True),
        CookieSource("crafted", payload={}, signed_at="now", compressed=True, secret="foreign"),
    ]


@pytest.mark.parametrize(
    ("place", "value", "complaint"),
    [
        ("request", None, "/log/entries/0/request is missing."),
        ("request/url", None, "/log/entries/0/request/url is missing."),
        ("request/url", "/a", "/log/entries/0/request/url names no host."),
        ("request/url", 5, "/log/entries/0/request/url is not a text."),
        ("request/headers", {}, "/log/entries/0/request/headers is not an array."),
        ("request/headers/0", "Host", "/log/entries/0/request/headers/0 is not an object."),
        ("request/headers/0/value", None, "/log/entries/0/request/headers/0/value is missing."),
        ("response/status", "200", "/log/entries/0/response/status is not a whole number."),
        ("response/status", True, "/log/entries/0/response/status is not a whole number."),
        ("response/content/encoding", "gzip", "content is in an unknown encoding, 'gzip'; known is base64."),
        ("startedDateTime", "today", "/log/entries/0/startedDateTime is not an ISO 8601 date and time."),
        ("request/postData/_encoding", "base64", "postData/text cannot be turned into bytes: "),
        ("request/postData/text", "\ud800", "postData/text cannot be turned into bytes: "),
        (
            "request/postData/_generate",
            {"repeat": "a", "count": 10**9},
            "count makes a body that is not between",
        ),
        ("_cookie/kind", "baked", "kind is 'baked'; known are issued, tampered, crafted and literal."),
        ("_cookie/signedAt", "noon", "signedAt is 'noon'; a text such as 'now-60s' is expected."),
        ("_cookie/signedAt", None, "/log/entries/0/_cookie/signedAt is missing."),
        ("_cookie/timeBytes", "two", "timeBytes is 'two'; known is 'one leading zero byte'."),
        ("_cookie", {"kind": "issued", "issuedBy": 0}, "issuedBy is 0, which is no entry before this one."),
        ("_captures/0/var", None, "/log/entries/0/_captures/0/var is missing."),
        ("_template", {"headers": []}, "/log/entries/0/_template/headers is not an object."),
        ("_waitBeforeMs", "1", "/log/entries/0/_waitBeforeMs is not a number."),
    ],
)
def test_a_bad_value_is_named_with_its_place(
    tmp_path: Path, place: str, value: object, complaint: str
) -> None:
    path = write(tmp_path / "x.har", [changed(place, value)])
    with pytest.raises(BadRecording) as error:
        read(path)
    assert str(error.value).startswith(f"{path}: ")
    assert complaint in str(error.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{\n  oops}", ":2:3: is not JSON: Expecting property name enclosed in double quotes."),
        ("[]", ": / is not an object."),
        ("{}", ": /log is missing."),
        ('{"log": {}}', ": /log/entries is missing."),
        ('{"log": {"entries": []}}', ": /log/entries holds no entry, so there is nothing to replay."),
        ("[" * 100_000, ": is not JSON: "),
    ],
)
def test_a_file_that_is_no_recording_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "x.har"
    path.write_text(text)
    with pytest.raises(BadRecording) as error:
        read(path)
    assert f"{path}{complaint}" in str(error.value)


def test_files_that_are_missing_or_binary_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRecording, match="cannot be read: No such file"):
        read(tmp_path / "none.har")
    (tmp_path / "x.har").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadRecording, match="is not JSON"):
        read(tmp_path / "x.har")


def test_every_recording_of_the_old_servers_is_read(recordings: Path) -> None:
    found = [read(path) for path in sorted(recordings.glob("*/*.a.har"))]
    assert len(found) == 111
    assert sum(len(recording.steps) for recording in found) == 1541
    assert json.dumps([recording.host for recording in found]).count("legacy.test") == len(found)
