"""A replay sends what was recorded, carries what is new, and judges every answer."""

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from compat_rest.parity.cookies import Secrets, flask_json, sign
from compat_rest.parity.deviations import Deviations
from compat_rest.parity.har import BadRecording, read
from compat_rest.parity.messages import NO_ANSWER, Answer
from compat_rest.parity.replay import Contract, load_secrets, replay, second_run
from compat_rest.parity.tolerance import Tolerance
from tests.compat_rest.parity.stories import (
    BEGAN,
    Parrot,
    answer,
    entry,
    parroted,
    request,
    told,
    with_body,
    write,
)
from tests.compat_rest.parity.test_deviations import HEAD, html

NOW = int(BEGAN.timestamp())


def signed(at: int, user: int = 1) -> str:
    return sign(flask_json({"user_id": user}), "own", at)


def login(at: int) -> Answer:
    return answer(200, {"ok": True}, ("Set-Cookie", f"session={signed(at)}; HttpOnly; Path=/"))


async def test_the_requests_go_out_as_recorded(tmp_path: Path) -> None:
    asked = request("POST  /a%20b?x=1", ("X-odd", "Value"), body='{"a":1}')
    recording = told(tmp_path, (asked, answer(200, {})))
    parrot = Parrot(lambda _: [answer(200, {})])
    results = await replay([recording], parrot, lambda _: Contract("old"))
    assert parrot.got == [
        b'POST  /a%20b?x=1 HTTP/1.1\r\nHost: old.test\r\nX-odd: Value\r\nContent-Length: 7\r\n\r\n{"a":1}'
    ]
    assert (results.steps, results.different, results.recordings[0].equal) == (1, 0, 1)
    assert results.recordings[0].name == "old/story"


async def test_warm_up_requests_are_sent_before_and_not_judged(tmp_path: Path) -> None:
    path = write(
        tmp_path / "x.har",
        [entry(request("GET /"), answer(200, {}))],
        _warmup=[{"method": "GET", "path": "/warm", "count": 2}],
    )
    parrot = Parrot(lambda _: [answer(200, {})])
    results = await replay([read(path)], parrot, lambda _: Contract("old"))
    assert [got.split(b" ")[1] for got in parrot.got] == [b"/warm", b"/warm", b"/"]
    assert results.different == 0


async def test_issued_cookies_are_those_of_the_new_server(tmp_path: Path) -> None:
    steps = [
        entry(request("POST /login"), login(NOW)),
        entry(
            request("GET /me", ("Cookie", f"session={signed(NOW)}")),
            answer(200, {}),
            _cookie={"kind": "issued", "issuedBy": 0},
        ),
    ]
    recording = read(write(tmp_path / "x.har", steps))
    new = login(NOW + 5)
    parrot = Parrot(lambda _: [new, answer(200, {})])
    later = BEGAN + timedelta(seconds=5)
    results = await replay(
        [recording], parrot, lambda _: Contract("old"), secrets=Secrets("own"), now=lambda: later
    )
    assert f"Cookie: session={signed(NOW + 5)}\r\n".encode() in parrot.got[1]
    assert results.different == 0


async def test_a_cookie_that_the_new_server_did_not_issue_is_noted(tmp_path: Path) -> None:
    steps = [
        entry(request("POST /login"), login(NOW)),
        entry(
            request("GET /", ("Cookie", "session=x")),
            answer(200, {}),
            _cookie={"kind": "issued", "issuedBy": 0},
        ),
    ]
    recording = read(write(tmp_path / "x.har", steps))
    results = await replay(
        [recording], Parrot(lambda _: [answer(401, {}), answer(200, {})]), lambda _: Contract("old")
    )
    assert results.recordings[0].different == 1
    assert results.recordings[0].steps[1].notes == (
        "the answer to step 0 set no cookie, so this one goes out as recorded",
    )


async def test_no_answer_is_judged_and_its_reason_noted(tmp_path: Path) -> None:
    recording = told(tmp_path, (request("GET /"), answer(200, {})), (request("GET /"), NO_ANSWER))
    results = await replay([recording], Parrot(lambda _: [NO_ANSWER, NO_ANSWER]), lambda _: Contract("old"))
    first, second = results.recordings[0].steps
    assert [(one.pointer, one.old, one.new) for one in first.found] == [("/status", "200", "0")]
    assert first.notes[0].startswith("IncompleteReadError")
    assert second.found == ()


async def test_tolerances_of_the_contract_are_asked_for_by_request_and_old_status(tmp_path: Path) -> None:
    recording = told(tmp_path, (request("POST /a?x=1"), answer(201, {"a": 1})))
    seen = []

    def tolerances(method: str, path: str, status: int) -> list[Tolerance]:
        seen.append((method, path, status))
        return [Tolerance("/token", "added", "new")]

    contract = Contract("old", lambda method, path: f"old.{path[1:]}", tolerances)
    results = await parroted(recording, lambda index, given: answer(201, {"a": 1, "token": "x"}), contract)
    assert seen == [("POST", "/a", 201)]
    assert results.different == 0
    assert results.recordings[0].steps[0].operation == "old.a"


async def test_what_two_runs_cannot_prove_is_noted_and_compared(tmp_path: Path) -> None:
    step = (request("GET /"), answer(200, {"name": "ada"}))
    recording = told(tmp_path, step, again=[answer(200, {"name": "bo"})])
    results = await parroted(recording)
    judged = results.recordings[0].steps[0]
    assert judged.unexplained
    assert judged.notes == ("/body/name differs between the two old runs, in no known way",)


async def test_a_redacted_body_has_the_length_of_what_is_left(tmp_path: Path) -> None:
    old = Answer(200, (("Content-Length", "99"), ("ETag", 'W/"63-x"')), b"/srv")
    recording = read(write(tmp_path / "x.har", [entry(request("GET /"), old, _redacted=True)]))
    new = Answer(200, (("Content-Length", "4"), ("ETag", 'W/"4-y"')), b"/srv")
    results = await replay([recording], Parrot(lambda _: [new]), lambda _: Contract("old"))
    assert results.different == 0


def test_two_runs_of_one_story_are_equally_long(tmp_path: Path) -> None:
    step = entry(request("GET /"), answer(200, {}))
    first = read(write(tmp_path / "x.a.har", [step]))
    assert second_run(first) is None
    write(tmp_path / "x.b.har", [step, step])
    with pytest.raises(BadRecording, match=r"x\.b\.har: has 2 entries, x\.a\.har has 1; two runs"):
        second_run(first)


ROWS = (
    "ended | fault | * | old/*[*] | session was ended | / | `*` | `401 {}` | It ended.",
    "crash | crash | * | old/*[*] | | / | `500 page` | `400 page` | It crashed.",
    "never | crash | * | old/*[*] | method is unknown | / | `500 page` | `400 page` | It never happens.",
    "elsewhere | crash | * | new/*[*] | | / | `500 page` | `400 page` | Another surface.",
)


def deviations(folder: Path) -> Deviations:
    path = folder / "deviations.md"
    path.write_text(HEAD + "".join(f"| {row} |\n" for row in ROWS))
    return Deviations.load(path)


async def test_rows_explain_steps_and_are_counted(tmp_path: Path) -> None:
    with_cookie = ("Cookie", f"session={signed(NOW)}")
    gone = answer(200, {}, ("Set-Cookie", "session=; Max-Age=0; Path=/"))
    steps = [
        (request("GET /me", with_cookie), answer(200, {"a": 1})),
        (request("POST /logout", with_cookie), gone),
        (request("GET /me", with_cookie), answer(200, {"a": 1})),
        (request("GET /crash"), html(500)),
        (request("GET /wrong"), answer(200, {"a": 1})),
    ]
    recording = told(tmp_path, *((asked, given) for asked, given in steps))
    given = [answer(200, {"a": 1}), gone, answer(401, {}), html(400), answer(200, {"a": 2})]
    results = await replay(
        [recording], Parrot(lambda _: given), lambda _: Contract("old"), deviations=deviations(tmp_path)
    )
    judged = results.recordings[0]
    assert [step.row.id if step.row else None for step in judged.steps] == [
        None,
        None,
        "ended",
        "crash",
        None,
    ]
    assert (judged.equal, judged.explained, judged.different) == (2, 2, 1)
    assert results.coverage == {"ended": 1, "crash": 1, "never": 0, "elsewhere": 0}
    assert [row.id for row in results.unused] == ["never"]


async def test_a_row_is_unused_only_when_all_its_recordings_were_replayed(tmp_path: Path) -> None:
    recording = told(tmp_path, (request("GET /"), answer(200, {})))
    write(tmp_path / "other.a.har", [entry(request("GET /"), answer(200, {}))])
    results = await parroted(recording, contract=Contract("old"), deviations=deviations(tmp_path))
    assert results.unused == []


async def test_a_pause_of_the_recording_is_kept(tmp_path: Path) -> None:
    recording = told(tmp_path, (request("GET /"), answer(200, {})))
    step = dataclasses.replace(recording.steps[0], pause=0.2)
    results = await parroted(dataclasses.replace(recording, steps=(step,)))
    assert results.recordings[0].seconds >= 0.2


def test_secrets_come_from_the_fixture_file(tmp_path: Path) -> None:
    path = tmp_path / "fixtures.json"
    for text, secrets in [
        ('{"application": {"secret_key": "a"}}', Secrets("a")),
        ('{"application": []}', None),
        ("[]", None),
    ]:
        path.write_text(text)
        assert load_secrets(path) == secrets
    path.write_text("{")
    with pytest.raises(ValueError, match="Expecting property name"):
        load_secrets(path)


def test_a_body_and_its_length_are_changed_together() -> None:
    assert with_body(answer(200, {}), b"12345").header("content-length") == "5"
