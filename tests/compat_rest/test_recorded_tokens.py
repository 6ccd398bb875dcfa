"""Every recorded credential is judged as the old servers judged it."""

import json
from typing import Any

import pytest

from compat_rest.contract.surfaces import Scheme
from compat_rest.identity.chain import Identity
from compat_rest.identity.flask_session import Session
from compat_rest.refusal import Refusal
from tests.compat_rest.contracts import Remembered
from tests.compat_rest.recorded import RECORDINGS

pytestmark = pytest.mark.skipif(not RECORDINGS.exists(), reason="the recordings are not beside the project")

# What each answer says of the credential; the surface has one text for several codes.
SAID = {
    "gateway/14": {
        "Authorization header is required": {"TOKEN_MISSING"},
        "Invalid access token": {"TOKEN_INVALID", "TOKEN_MALFORMED", "TOKEN_EXPIRED", "TOKEN_EARLY"},
        "User not found or inactive": {"TOKEN_WITHOUT_USER", "somebody"},
        "Something went wrong!": {"somebody"},
        None: {"somebody"},
    },
    "genealogy/02": {
        "No token provided": {"TOKEN_MISSING"},
        "Invalid token format": {"TOKEN_MALFORMED"},
        "Invalid token": {"TOKEN_INVALID"},
        "Token has expired": {"TOKEN_EXPIRED"},
        "Authentication error": {"TOKEN_EARLY"},
        None: {"somebody"},
    },
}
USER = {"gateway/14": ("userId",), "genealogy/02": ("id",)}


def secret() -> str:
    return str(json.loads((RECORDINGS / "fixtures.json").read_text())["jwt"]["JWT_SECRET"])


def said(response: dict[str, Any]) -> str | None:
    body = json.loads(response["content"].get("text") or "{}")
    return body.get("message") or body.get("error") if response["status"] >= 400 else None


@pytest.mark.parametrize("recording", SAID)
async def test_every_recorded_credential(recording: str) -> None:
    surface, _, number = recording.partition("/")
    (path,) = (RECORDINGS / f"dzinza-{surface}").glob(f"{number}-*.a.har")
    scheme = Scheme(
        "token", "bearer", secret(), USER[recording], algorithms=("HS256", "HS384", "HS512"),
        prefix="Bearer ", nobody=surface == "genealogy", refuse={"type": ("refresh",)}, iat="ignored",
        word=surface == "genealogy",
    )  # fmt: skip
    chain, seen = Identity([scheme], Remembered()), 0
    for index, entry in enumerate(json.loads(path.read_text())["log"]["entries"]):
        text = said(entry["response"])
        if text not in SAID[recording]:
            # Another path, which never asked who calls.
            continue
        headers = {header["name"].lower(): header["value"] for header in entry["request"]["headers"]}
        try:
            await chain.caller(headers.get("authorization"), Session({}))
            found = "somebody"
        except Refusal as refusal:
            found = refusal.code
        assert (index, found) in [(index, code) for code in SAID[recording][text]]
        seen += 1
    assert seen >= 15
