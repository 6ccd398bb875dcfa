"""Session cookies of a recording, made anew: issued, crafted, tampered or sent as they were."""

import base64
import binascii
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from itsdangerous import BadSignature, Signer
from itsdangerous.encoding import base64_encode, int_to_bytes

from compat_rest.parity.har import CookieSource, Recording, Step
from compat_rest.parity.messages import Answer, Headers

SALT = "cookie-session"
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
SIGNED = re.compile(r"(?P<payload>\.?[\w-]*)\.(?P<time>[\w-]+)\.(?P<signature>[\w-]{27})")


class CannotCarry(Exception):
    """A cookie that cannot be made anew; the message says which and why."""


@dataclass(frozen=True)
class Secrets:
    """The secrets that sign crafted cookies: the application's own and a stranger's."""

    fixture: str
    foreign: str = "another application's secret"  # stands for any wrong one

    @classmethod
    def of(cls, application: Mapping[str, object]) -> "Secrets | None":
        """The secrets out of the `application` object of a fixture file, if it names any."""
        own, foreign = application.get("secret_key"), application.get("foreign_secret")
        if not isinstance(own, str):
            return None
        return cls(own, foreign) if isinstance(foreign, str) else cls(own)

    def named(self, name: str) -> str:
        return self.foreign if name == "foreign" else self.fixture


def sign(
    payload: bytes,
    secret: str,
    at: int,
    *,
    salt: str = SALT,
    digest: str = "sha1",
    compressed: bool = False,
    leading_zero: bool = False,
) -> str:
    """A session cookie's value, signed as Flask signs it, at any second."""
    signer = Signer(secret, salt=salt, key_derivation="hmac", digest_method=getattr(hashlib, digest))
    text = b"." + base64_encode(zlib.compress(payload)) if compressed else base64_encode(payload)
    moment = (b"\0" if leading_zero else b"") + int_to_bytes(at)
    return signer.sign(text + b"." + base64_encode(moment)).decode("ascii")


def verified(value: str, secret: str) -> bool:
    """Whether a session cookie's value carries a good signature, whatever its age."""
    signer = Signer(secret, salt=SALT, key_derivation="hmac", digest_method=hashlib.sha1)
    try:
        signer.unsign(value)
    except BadSignature:
        return False
    return True


def payload_of(value: str) -> bytes | None:
    """The payload bytes of a signed cookie, unverified, or None where there are none."""
    payload, *rest = value.strip('"').rsplit(".", 2)
    if len(rest) < 2:
        return None
    try:
        decoded = base64.urlsafe_b64decode(_padded(payload.removeprefix(".")))
        return zlib.decompress(decoded) if payload.startswith(".") else decoded
    except (ValueError, binascii.Error, zlib.error):
        return None


def signed_second(value: str) -> int | None:
    """The second at which a signed cookie was signed, or None."""
    match = SIGNED.fullmatch(value)
    try:
        return int.from_bytes(base64.urlsafe_b64decode(_padded(match["time"])), "big") if match else None
    except (ValueError, binascii.Error):
        return None


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)


def set_by(answer: Answer) -> dict[str, str]:
    """The cookies that an answer sets, by name."""
    pairs = (header.partition(";")[0].partition("=") for header in answer.values("set-cookie"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def sent_in(headers: Headers) -> list[tuple[str, str]]:
    """The cookies of a request, in order, names repeated where they were."""
    parts = (part for name, value in headers if name.lower() == "cookie" for part in value.split(";"))
    pairs = (part.partition("=") for part in parts)
    return [(name.strip(), value.strip()) for name, separator, value in pairs if separator]


def fresh(
    step: Step, recording: Recording, answers: Sequence[Answer], secrets: Secrets | None, now: int
) -> Headers:
    """The headers of a step with its cookies made anew; raises CannotCarry."""
    source = step.cookie
    if source is None or source.kind == "literal" or source.as_recorded:
        return step.request.headers
    if source.kind == "crafted":
        return _replace(step.request.headers, _crafted_pairs(step, source, secrets, now))
    origin = source.issued_by or 0
    old, new = set_by(recording.steps[origin].answer), set_by(answers[origin])
    pairs = {value: new[name] for name, value in old.items() if value and new.get(name)}
    if not pairs:
        raise CannotCarry(f"the answer to step {origin} set no cookie, so this one goes out as recorded")
    if source.kind == "issued":
        return _replace(step.request.headers, pairs)
    return _cookie_header(step.request.headers, _tampered(source, next(iter(pairs.values())), step))


def _replace(headers: Headers, pairs: Mapping[str, str]) -> Headers:
    def replaced(value: str) -> str:
        for old, new in pairs.items():
            value = value.replace(old, new)
        return value

    return tuple((name, replaced(value) if name.lower() == "cookie" else value) for name, value in headers)


def _cookie_header(headers: Headers, whole: str) -> Headers:
    return tuple((name, whole if name.lower() == "cookie" else value) for name, value in headers)


def _tampered(source: CookieSource, value: str, step: Step) -> str:
    if source.template is not None:
        return source.template.replace("{value}", value)
    if source.operation == "flip-low-bit-of-last-character":
        return f"session={value[:-1]}{_BASE64[_BASE64.index(value[-1]) ^ 1]}"
    raise CannotCarry(f"step {step.index} names no known way to damage a cookie: {source.operation!r}")


def _crafted_pairs(step: Step, source: CookieSource, secrets: Secrets | None, now: int) -> dict[str, str]:
    if secrets is None:
        raise CannotCarry("the cookie is signed with the application's secret, which is not given")
    if isinstance(source.signed_at, int):
        at = source.signed_at
    else:
        at = now + int(source.signed_at.removeprefix("now").removesuffix("s") or 0)
    raw = source.payload_raw
    value = sign(
        raw.encode("latin-1") if raw is not None else flask_json(source.payload),
        secrets.named(source.secret),
        at,
        salt=source.salt,
        digest=source.digest,
        compressed=source.compressed,
        leading_zero=source.leading_zero,
    )
    sent = [old for _, old in sent_in(step.request.headers) if old]
    # Beside other cookies, the one with the same payload is the one that the recording describes.
    same = [old for old in sent if old.rsplit(".", 2)[0] == value.rsplit(".", 2)[0]]
    if not sent:
        raise CannotCarry("the recorded request has no Cookie header")
    return {(same or sent)[0]: value}


def flask_json(payload: object) -> bytes:
    """A session's payload as Flask writes it: sorted, compact, ASCII."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":")).encode("ascii")


def seconds_to_wait(step: Step, recording: Recording, answers: Iterable[Answer], now: float) -> float:
    """How long to wait so that two cookies which differed in the recording differ again.

    Signatures count whole seconds: the same session signed twice within one second is one cookie.
    """
    mine = {value for value in set_by(step.answer).values() if SIGNED.fullmatch(value)}
    taken = set()
    for earlier, answer in zip(recording.steps, answers, strict=False):
        then = set_by(earlier.answer).values()
        if any(a != b and payload_of(a) == payload_of(b) for a in then for b in mine):
            taken |= {signed_second(value) for value in set_by(answer).values()}
    return int(now) + 1 - now if int(now) in taken else 0.0
