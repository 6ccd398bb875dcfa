"""Keeps secrets out of reports, while two secrets that differ still look different."""

import hashlib
import re

_NAMES = r"password|passwd|secret|token|authorization|cookie|session|api_?key|signature|hash"
_SECRET_NAME = re.compile(_NAMES, re.IGNORECASE)
# Named like a secret, and none.
_HARMLESS = frozenset({"token_type", "tokentype"})
_JSON_PAIR = re.compile(r'("(?P<key>(?:[^"\\]|\\.)*)"\s*:\s*)"(?P<value>(?:[^"\\]|\\.)+)"')
_FORM_PAIR = re.compile(
    rf"(?P<key>\b[\w.-]{{0,40}}(?:{_NAMES})[\w.-]{{0,40}})=(?P<value>[^&\s;\"<][^&\s;\"]*)", re.IGNORECASE
)
_SIGNED = re.compile(
    r"(?<![\w.-])eyJ[\w-]+\.[\w-]+\.[\w-]*|(?<![\w.-])\.?[\w-]{8,}\.[\w-]{5,8}\.[\w-]{27}(?![\w-])"
)


def is_secret(name: str) -> bool:
    """Whether a field or header of this name is kept out of reports."""
    return name.lower() not in _HARMLESS and _SECRET_NAME.search(name) is not None


def masked(value: str) -> str:
    """A stand-in for a secret: its length, and a fingerprint that tells two of them apart."""
    fingerprint = hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()[:8]
    return f"<secret of {len(value)} characters, {fingerprint}>"


def mask_text(text: str) -> str:
    """A body or header with every secret in it replaced."""

    def pair(match: re.Match[str]) -> str:
        return f'{match[1]}"{masked(match["value"])}"' if is_secret(match["key"]) else match[0]

    def form(match: re.Match[str]) -> str:
        return f"{match['key']}={masked(match['value'])}" if is_secret(match["key"]) else match[0]

    text = _SIGNED.sub(lambda match: masked(match[0]), text)
    return _FORM_PAIR.sub(form, _JSON_PAIR.sub(pair, text))


def mask_value(pointer: str, value: str | None) -> str | None:
    """The value of a difference, replaced when its place names a secret."""
    if value is None:
        return None
    name = next((part for part in reversed(pointer.split("/")) if not part.isdigit()), "")
    return masked(value) if is_secret(name) and not name.startswith("set-") else mask_text(value)
