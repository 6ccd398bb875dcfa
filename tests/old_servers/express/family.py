"""Sessions of requests to the old gateway: sign-in and the family tree, with everything beside what fits."""

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.old_servers.steps import Step

FAMILY = Path(__file__).with_name("gateway.json")
SECRET = "the secret of both servers"
HOST = ("Host", "legacy.test")
START: Mapping[str, Any] = json.loads(FAMILY.read_text())["fixtures"]["start"]
USERS = [user["id"] for user in START["users"]]
MEMBERS = [row["id"] for row in START["tables"]["family_members"]]
NOBODY = "20000000-0000-4000-8000-00000000ffff"
FAR = 4_000_000_000
SAMPLES: Mapping[str, list[Any]] = json.loads(Path(__file__).with_name("family.json").read_text())
EMAILS, PASSWORDS, TEXTS = SAMPLES["emails"], SAMPLES["passwords"], SAMPLES["texts"]
DAYS, ADDRESSES, GENDERS, KINDS = (SAMPLES[name] for name in ("days", "addresses", "genders", "kinds"))
# Whatever a value should not be.
ODD = SAMPLES["odd"]
ANY = (*ODD, *SAMPLES["lists"])
IDS = (
    *MEMBERS,
    *MEMBERS,
    NOBODY,
    "x",
    MEMBERS[0].upper(),
    MEMBERS[0] + "0",
    "00000000-0000-0000-0000-000000000000",
)


def session(length: int, number: int) -> list[Step]:
    """The session of that number, always the same one."""
    draw = random.Random(number)
    return [step(draw) for _ in range(length)]


def step(draw: random.Random) -> Step:
    """Any request, most of them close to what a client sends."""
    make = draw.choice(
        (login, login, register, refresh, me, tree, member, member, change, change, relate, other)
    )
    method, target, sent, headers = make(draw)
    said = (HOST, *headers)
    if sent is None:
        return Step(method, target, said)
    return Step(method, target, (*said, ("Content-Type", "application/json")), json.dumps(sent).encode())


Made = tuple[str, str, Any, tuple[tuple[str, str], ...]]


def login(draw: random.Random) -> Made:
    """A sign-in."""
    user = draw.choice(START["users"])
    sent = {"email": user["email"], "password": user["password"]}
    return "POST", "/api/auth/login", spoilt(draw, sent, {"email": EMAILS, "password": PASSWORDS}), ()


def register(draw: random.Random) -> Made:
    """A registration."""
    sent = {"email": draw.choice(EMAILS), "password": "Abcdef1!", "firstName": "New", "lastName": " Person "}
    usual = {
        "email": EMAILS,
        "password": PASSWORDS,
        "firstName": TEXTS,
        "lastName": TEXTS,
        "language": ("en",),
    }
    return "POST", "/api/auth/register", spoilt(draw, sent, usual), ()


def refresh(draw: random.Random) -> Made:
    """A new token for an old one."""
    claims: Sequence[Mapping[str, Any]] = (
        {"userId": USERS[0], "type": "refresh"}, {"userId": USERS[1], "type": "access"}, {"userId": USERS[0]},
        {"type": "refresh"}, {"userId": NOBODY, "type": "refresh"}, {"userId": "x", "type": "refresh"},
        {"userId": USERS[2], "type": "refresh"}, {"userId": USERS[0], "type": "refresh", "exp": 5},
    )  # fmt: skip
    token: Any = signed(draw.choice(claims), f"{SECRET} for refreshing")
    if draw.random() < 0.3:
        token = draw.choice(
            (None, "", 0, False, 7, "x", "a.b.c", [], {}, signed({"type": "refresh"}, "other"), token + "x")
        )
    sent: Any = {"refreshToken": token} if draw.random() < 0.9 else draw.choice(({}, [], [token]))
    return "POST", "/api/auth/refresh", sent, ()


def me(draw: random.Random) -> Made:
    """A profile."""
    return "GET", "/api/auth/me", None, authorized(draw)


def tree(draw: random.Random) -> Made:
    """The tree of a user, made where there is none."""
    return "GET", "/api/genealogy/family-tree", None, authorized(draw)


def member(draw: random.Random) -> Made:
    """A new person."""
    sent: Any = {"firstName": draw.choice(TEXTS)} if draw.random() < 0.8 else {}
    sent |= {
        name: draw.choice(values)
        for name, values in draw.sample([*FIELDS.items()], draw.choice((0, 1, 2, 4)))
    }
    if draw.random() < 0.3:
        sent["parentIds"] = draw.choice(([], [MEMBERS[0]], MEMBERS[:2], [NOBODY], ["x"], "x", {}, None))
    for name in ("phoneNumbers", "emailAddresses", "addresses"):
        if draw.random() < 0.1:
            sent[name] = draw.choice(([], ["x"], "x", {}, None, 0))
    return "POST", "/api/genealogy/members", spoilt(draw, sent, FIELDS, ANY), authorized(draw)


def change(draw: random.Random) -> Made:
    """Something else about a person."""
    sent = {
        name: draw.choice(values)
        for name, values in draw.sample([*FIELDS.items()], draw.choice((0, 1, 2, 3)))
    }
    body = spoilt(draw, sent, FIELDS, ANY)
    return "PUT", f"/api/genealogy/members/{draw.choice(IDS)}", body, authorized(draw)


def relate(draw: random.Random) -> Made:
    """A relationship of two people."""
    sent = {
        "person1Id": draw.choice(MEMBERS),
        "person2Id": draw.choice(MEMBERS),
        "type": draw.choice(KINDS[:3]),
    }
    usual = {"person1Id": IDS, "person2Id": IDS, "type": KINDS}
    return "POST", "/api/genealogy/relationships", spoilt(draw, sent, usual), authorized(draw)


def other(draw: random.Random) -> Made:
    """What is no route, or no route of that method."""
    paths = (
        "/api/genealogy/test",
        "/api/family-trees",
        "/api/auth/logout",
        "/nope",
        "/api",
        "/api/genealogy/members",
    )
    return draw.choice(("GET", "DELETE", "OPTIONS", "PATCH")), draw.choice(paths), None, authorized(draw)


NAMES = (*TEXTS, *SAMPLES["halves"])
FIELDS: Mapping[str, Sequence[Any]] = {
    "name": NAMES, "firstName": NAMES, "middleName": NAMES, "lastName": NAMES, "nickname": NAMES,
    "gender": GENDERS, "birthDate": DAYS, "deathDate": DAYS, "placeOfBirth": NAMES,
    "placeOfDeath": NAMES, "occupation": NAMES, "biography": NAMES, "notes": NAMES,
    "profileImageUrl": ADDRESSES,
}  # fmt: skip


def spoilt(
    draw: random.Random, sent: dict[str, Any], usual: Mapping[str, Sequence[Any]], odd: Sequence[Any] = ODD
) -> Any:
    """What is sent, often with something else at one place."""
    chance = draw.random()
    if chance < 0.35:
        return sent
    if chance < 0.4:
        return draw.choice(({}, [], [sent]))
    name = draw.choice([*usual])
    if chance < 0.7:
        return {**sent, name: draw.choice(usual[name])}
    if chance < 0.95:
        return {**sent, name: draw.choice(odd)}
    return {key: value for key, value in sent.items() if key != name}


def authorized(draw: random.Random) -> tuple[tuple[str, str], ...]:
    """The Authorization of a user, as a rule."""
    chance = draw.random()
    if chance < 0.75:
        return (
            ("Authorization", f"Bearer {signed({'userId': draw.choice(USERS[:2]), 'exp': FAR}, SECRET)}"),
        )
    claims: Mapping[str, Any] = draw.choice(
        (
            {},
            {"userId": NOBODY},
            {"userId": "x"},
            {"userId": USERS[2]},
            {"userId": USERS[3]},
            {"userId": USERS[0], "exp": 5},
        )
    )
    token = signed(claims, SECRET)
    foreign = signed({"userId": USERS[0]}, "other")
    said = draw.choice((None, f"Bearer {token}", f"Bearer {token}", "Bearer x", "Bearer ", token, foreign))
    return () if said is None else (("Authorization", said),)


def signed(claims: Mapping[str, Any], secret: str) -> str:
    """A token of these claims."""
    parts = (json.dumps({"alg": "HS256", "typ": "JWT"}).encode(), json.dumps(claims).encode())
    text = ".".join(map(coded, parts))
    return f"{text}.{coded(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())}"


def coded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
