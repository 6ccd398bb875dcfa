"""What two runs differ in is noise only when it is a clock, a signature, an id or a measurement."""

from datetime import timedelta

import jwt
import pytest

from compat_rest.parity.compare import differences
from compat_rest.parity.identities import Identities, holds_id, space_of
from compat_rest.parity.messages import Answer
from compat_rest.parity.noise import Noise
from compat_rest.parity.texts import Clocks, Kind, Piece, claims, pieces
from tests.compat_rest.parity.stories import answer

KEY = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("a", "b", "kinds"),
    [
        ({"at": "2026-01-01T00:00:00"}, {"at": "2026-01-01T00:00:01"}, {"/body/at": {Kind.CLOCK}}),
        ({"ms": 1}, {"ms": 2}, {"/body/ms": {Kind.MEASURE}}),
        ({"user": {"id": 1}}, {"user": {"id": 2}}, {"/body/user/id": {Kind.ID}}),
        ({"_id": "a" * 24}, {"_id": "b" * 24}, {"/body/_id": {Kind.ID}}),
        ({"token": "A1" * 20}, {"token": "B2" * 20}, {"/body/token": {Kind.SIGNATURE}}),
        ({"text": "3 days"}, {"text": "4 days"}, {"/body/text": {Kind.MEASURE}}),
        ({"a/b~": [1]}, {"a/b~": [2]}, {"/body/a~1b~0/0": {Kind.MEASURE}}),
    ],
)
def test_what_moves_is_named(a: object, b: object, kinds: dict[str, set[Kind]]) -> None:
    noise = Noise.between(answer(200, a), answer(200, b))
    assert noise.kinds == kinds
    assert noise.unproven == ()


@pytest.mark.parametrize(
    ("a", "b", "place"),
    [
        (answer(200, {"name": "ada"}), answer(200, {"name": "bo"}), "/body/name"),
        (answer(200, {"name": 1}), answer(200, {"name": None}), "/body/name"),
        (answer(200, {"a": 1}), answer(200, {"b": 1}), "/body"),
        (answer(200, [1]), answer(200, [1, 2]), "/body"),
        (answer(200, {}), answer(201, {}), "/status"),
        (answer(200, {}, ("X-A", "b")), answer(200, {}), "/headers/x-a"),
        (answer(200, {}, ("X-A", "b")), answer(200, {}, ("X-A", "c")), "/headers/x-a/0"),
        (Answer(200, (), b"ada"), Answer(200, (), b"bo"), "/body"),
        (Answer(200, (), b"\xff"), Answer(200, (), b"\xfe"), "/body"),
    ],
)
def test_anything_else_that_moves_stays_unproven_and_is_compared(a: Answer, b: Answer, place: str) -> None:
    noise = Noise.between(a, b)
    assert noise.unproven == (place,)
    assert noise.kinds == {}
    assert differences(a, b, noise=noise) != []


def test_dates_and_headers_that_follow_are_no_noise() -> None:
    a, b = (answer(200, {"n": n}, ("Date", str(n)), ("Allow", f"GET, {n}")) for n in (1, 20))
    assert Noise.between(a, b).kinds == {"/body/n": {Kind.MEASURE}}


def test_a_head_answer_shows_the_moving_length() -> None:
    a, b = (Answer(200, (("Content-Length", n),)) for n in ("127", "128"))
    noise = Noise.between(a, b)
    assert noise.kinds == {"/headers/content-length/0": {Kind.MEASURE}}
    assert differences(a, Answer(200, (("Content-Length", "126"),)), noise=noise) == []


def token(**said: object) -> dict[str, object]:
    return {"token": jwt.encode(said, KEY, algorithm="HS256")}


def test_tokens_say_the_same_at_another_time() -> None:
    old, again = token(sub="1", iat=1000, jti="a"), token(sub="1", iat=1007, jti="b")
    noise = Noise.between(answer(200, old), answer(200, again)).moved(
        timedelta(hours=1), timedelta(seconds=60)
    )

    def agrees(**said: object) -> bool:
        return differences(answer(200, old), answer(200, token(**said)), noise=noise, identities=known) == []

    known = Identities()
    known.match("1", "5")
    assert agrees(sub="1", iat=4600, jti="c")
    assert agrees(sub="5", iat=4600, jti="c")
    assert not agrees(sub="2", iat=4600, jti="c")
    assert not agrees(sub="1", iat=9999, jti="c")
    assert not agrees(sub="1", iat="4600", jti="c")
    assert not agrees(sub="1", iat=4600)
    assert not agrees(iat=4600, sub="1", jti="c")


def test_tokens_of_another_kind_do_not_agree() -> None:
    old, again = token(sub="1", iat=1), token(sub="1", iat=2)
    noise = Noise.between(answer(200, old), answer(200, again))
    other = {"token": jwt.encode({"sub": "1", "iat": 1}, KEY, algorithm="HS512")}
    assert len(differences(answer(200, old), answer(200, other), noise=noise)) == 1
    broken = {"token": "eyJ!.eyJhIjox.x".replace("!", "hbGciOiJIUzI1NiJ9")}
    assert len(differences(answer(200, old), answer(200, broken), noise=noise)) == 1
    listed = [{"token": "eyJhIjoxfQ.eyJhIjoxfQ." + "A" * n} for n in (5, 6)]
    assert differences(answer(200, listed[0]), answer(200, listed[1]), noise=noise) == []


def test_signed_cookies_in_bodies_move_when_two_runs_show_it() -> None:
    old, again = ({"c": f"eyJ1c2VyX2lkIjoxfQ.{at}.{'A' * 27}"} for at in ("av_SIg", "av_SIw"))
    noise = Noise.between(answer(200, old), answer(200, again))
    assert noise.kinds == {"/body/c": {Kind.SIGNATURE}}
    assert differences(answer(200, old), answer(200, again), noise=noise) == []


def test_unreadable_claims_are_none() -> None:
    assert claims("eyJ.eyJ.") is None
    assert claims("eyJhIjoxfQ.eyJhIjoxfQ.") == ({"a": 1}, {"a": 1})


def test_a_text_is_cut_into_what_may_move() -> None:
    text = f"tree {'a' * 24} of 2026-01-01T00:00:00Z has 3 rows"
    assert [piece.form for piece in pieces(text)] == ["", "objectid", "", "iso", "", "number", ""]
    assert [piece.shape for piece in pieces("1.5 2 " + "x1" * 16)] == [
        "number.fraction",
        "",
        "number",
        "",
        "opaque 32",
    ]
    assert pieces("") == []


def test_clocks_without_a_shift_agree_by_form() -> None:
    assert Clocks().agree(Piece("iso", "2020-01-01"), Piece("iso", "2026-01-01"))
    assert Clocks().seconds_agree(1, 10**9)
    late = Clocks(timedelta(seconds=1))
    assert not late.agree(Piece("iso", "2020-01-01"), Piece("iso", "2020-13-45"))


def test_small_numbers_belong_to_their_noun() -> None:
    assert space_of("/body/user/id") == "user"
    assert space_of("/body/reviews/0/id") == "review"
    assert space_of("/body/enrollment/user_id") == "user"
    assert space_of("/treeId") == "tree"
    assert space_of("/0") == ""
    assert space_of("/_id") == ""
    assert [holds_id(name) for name in ("/id", "/treeId", "/user_ids", "/idea")] == [True, True, True, False]
