"""Session cookies are made as Flask makes them, and fresh ones take the place of recorded ones."""

from pathlib import Path

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from compat_rest.parity import cookies
from compat_rest.parity.cookies import CannotCarry, Secrets, flask_json, fresh, sign
from compat_rest.parity.har import Recording, Step, read
from compat_rest.parity.messages import Answer
from compat_rest.parity.replay import load_secrets
from tests.compat_rest.parity.stories import answer, entry, request, write

SECRETS = Secrets("own", "foreign")
NOW = 1_800_000_000


def story(folder: Path, source: dict[str, object], header: str) -> tuple[Recording, Step]:
    """A login that issued a cookie, and a step whose cookie comes from `source`."""
    login = entry(request("POST /login"), answer(200, {}, ("Set-Cookie", "session=old; Path=/")))
    step = entry(request("GET /", ("Cookie", header)), answer(200, {}), _cookie=source)
    recording = read(write(folder / "x.har", [login, step]))
    return recording, recording.steps[1]


def sent(recording: Recording, step: Step, given: Answer, secrets: Secrets | None = SECRETS) -> str:
    return dict(fresh(step, recording, [given], secrets, NOW))["Cookie"]


ISSUED = answer(200, {}, ("Set-Cookie", "session=NEWz; Path=/"))


@pytest.mark.parametrize(
    ("source", "header", "expected"),
    [
        ({"kind": "issued", "issuedBy": 0}, "a=b; session=old; c=d", "a=b; session=NEWz; c=d"),
        ({"kind": "literal"}, "session=old", "session=old"),
        ({"kind": "tampered", "from": 0, "sendAsRecorded": True}, "session=oldX", "session=oldX"),
        ({"kind": "tampered", "from": 0, "template": 'session="{value}"'}, "session=x", 'session="NEWz"'),
        (
            {"kind": "tampered", "from": 0, "op": "flip-low-bit-of-last-character"},
            "session=x",
            "session=NEWy",
        ),
        ({"kind": "crafted", "signedAt": 5, "payload": {}}, "session=x", f"session={sign(b'{}', 'own', 5)}"),
        (
            {"kind": "crafted", "signedAt": "now-60s", "payload": {"b": 1, "a": "é"}, "secret": "foreign"},
            "session=x",
            f"session={sign(flask_json({'a': 'é', 'b': 1}), 'foreign', NOW - 60)}",
        ),
        (
            {"kind": "crafted", "signedAt": "now", "payloadRaw": "å", "salt": "s", "digest": "sha256"},
            "session=x",
            f"session={sign(bytes([0xE5]), 'own', NOW, salt='s', digest='sha256')}",
        ),
        (
            {"kind": "crafted", "signedAt": 5, "payload": {}},
            f"session=bad; session={sign(b'{}', 'own', 4)}",
            f"session=bad; session={sign(b'{}', 'own', 5)}",
        ),
    ],
)
def test_a_fresh_cookie_takes_the_place_of_the_recorded_one(
    tmp_path: Path, source: dict[str, object], header: str, expected: str
) -> None:
    recording, step = story(tmp_path, source, header)
    assert sent(recording, step, ISSUED) == expected


def test_what_cannot_be_made_anew_is_said(tmp_path: Path) -> None:
    recording, step = story(tmp_path, {"kind": "issued", "issuedBy": 0}, "session=old")
    with pytest.raises(CannotCarry, match="the answer to step 0 set no cookie"):
        sent(recording, step, answer(401, {}))
    recording, step = story(tmp_path, {"kind": "tampered", "from": 0, "op": "bake"}, "session=old")
    with pytest.raises(CannotCarry, match="no known way to damage a cookie: 'bake'"):
        sent(recording, step, ISSUED)
    recording, step = story(tmp_path, {"kind": "crafted", "signedAt": 1, "payload": {}}, "session=old")
    with pytest.raises(CannotCarry, match="which is not given"):
        sent(recording, step, ISSUED, None)
    recording, step = story(tmp_path, {"kind": "crafted", "signedAt": 1, "payload": {}}, "none")
    with pytest.raises(CannotCarry, match="has no Cookie header"):
        sent(recording, step, ISSUED)


def test_flask_accepts_what_is_signed_here() -> None:
    app = Flask(__name__)
    app.secret_key = "own"
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    value = sign(flask_json({"user_id": 1}), "own", NOW)
    assert serializer.loads(value) == {"user_id": 1}
    assert cookies.verified(value, "own")
    assert not cookies.verified(value, "other")
    theirs = serializer.dumps({"pad": "a" * 300, "user_id": 1})
    assert isinstance(theirs, str) and theirs.startswith(".")
    second = cookies.signed_second(theirs)
    assert second is not None
    payload = cookies.payload_of(theirs)
    assert payload == flask_json({"user_id": 1, "pad": "a" * 300})
    assert sign(payload, "own", second, compressed=True) == theirs


def test_parts_of_what_is_no_signed_cookie_are_none() -> None:
    assert [cookies.payload_of(value) for value in ("", "a.b", ".A.b.c", "a.b.c")] == [None] * 4
    assert [cookies.signed_second(value) for value in ("", f"a.b.{'A' * 27}", "a.b.c")] == [None] * 3


def test_every_crafted_cookie_of_the_recordings_comes_out_byte_for_byte(recordings: Path) -> None:
    """Signed at the second of the recorded cookie, each is the recorded cookie."""
    secrets = load_secrets(recordings / "mandarin" / "fixtures.json")
    made = 0
    for path in sorted((recordings / "mandarin").glob("*.har")):
        recording = read(path)
        answers = [step.answer for step in recording.steps]
        for step in recording.steps:
            second = 0
            if step.cookie and step.cookie.kind == "crafted":
                recorded = cookies.sent_in(step.request.headers)[0][1]
                at = step.cookie.signed_at
                ahead = int(at[3:-1] or 0) if isinstance(at, str) else 0
                second = (cookies.signed_second(recorded) or 0) - ahead
                made += 1
            assert fresh(step, recording, answers, secrets, second) == step.request.headers
    assert made == 66


def test_secrets_are_those_of_the_fixture() -> None:
    assert Secrets.of({"secret_key": "a", "foreign_secret": "b"}) == Secrets("a", "b")
    assert Secrets.of({"secret_key": "a"}) == Secrets("a")
    assert Secrets.of({}) is None
    assert (SECRETS.named("fixture"), SECRETS.named("foreign")) == ("own", "foreign")


def test_cookies_that_differed_are_signed_in_different_seconds(tmp_path: Path) -> None:
    first, second, other = (
        answer(200, {}, ("Set-Cookie", f"session={sign(payload, 'own', at)}"))
        for payload, at in ((b'{"u":1}', 1), (b'{"u":1}', 2), (b'{"u":2}', 2))
    )
    steps = [entry(request("POST /login"), given) for given in (first, second, other)]
    recording = read(write(tmp_path / "x.har", steps))
    now = answer(200, {}, ("Set-Cookie", f"session={sign(b'{}', 'own', NOW)}"))

    def wait(index: int, at: float) -> float:
        return cookies.seconds_to_wait(recording.steps[index], recording, [now, now], at)

    assert wait(1, NOW + 0.25) == 0.75
    assert wait(1, NOW + 1.25) == 0.0
    assert wait(2, NOW + 0.25) == 0.0
