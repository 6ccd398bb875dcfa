"""The formats of validator.js 13.12, by the names that schemas give them.

Each is a rule of that library written again from what it accepts; the library's own patterns work on UTF-16
units, so where they let half of a surrogate pair in, the whole character is let in here.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from compat_rest.javascript import BLANKS
from compat_rest.refusal import Refusal

_WIDE = "\u00a1-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"
_LOCAL = re.compile(rf"[a-zA-Z0-9!#$%&'*+\-/=?^_`{{|}}~{_WIDE}]+")
_QUOTED = re.compile(
    rf"(?:[{BLANKS}\x01-\x08\x0b\x0c\x0e-\x1f\x7f\x21\x23-\x5b\x5d-\x7e\u00a0{_WIDE}]"
    rf"|\\[\x01-\x09\x0b\x0c\x0d-\x7f\u00a0{_WIDE}])*"
)
_TOP = re.compile(
    r"[a-zA-Z\u00a1-\u00a8\u00aa-\ud7ff\uf900-\ufdcf\ufdf0-\uffef]{2,}|[xX][nN][a-zA-Z0-9-]{2,}"
)
_LABEL = re.compile(r"[a-zA-Z\u00a1-\U0010ffff0-9-]+")
_FULL_WIDTH = re.compile(r"[\uff01-\uff5e]")
_DIGITS = re.compile(r"[0-9]+")
_BLANK_OR_BRACKET = re.compile(rf"[{BLANKS}<>]")
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_HEX = re.compile(r"(?:0[xhXH])?[0-9a-fA-F]+")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_PROTOCOLS = ("http", "https", "ftp")
_LONGEST_ADDRESS = 2083
_LONGEST_EMAIL = 254

_SEGMENT4 = "(?:[0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])"
_FOUR = rf"(?:{_SEGMENT4}\.){{3}}{_SEGMENT4}"
_SIX = "[0-9a-fA-F]{1,4}"
_IPV4 = re.compile(_FOUR)
_IPV6 = re.compile(
    "(?:"
    rf"(?:{_SIX}:){{7}}(?:{_SIX}|:)"
    rf"|(?:{_SIX}:){{6}}(?:{_FOUR}|:{_SIX}|:)"
    rf"|(?:{_SIX}:){{5}}(?::{_FOUR}|(?::{_SIX}){{1,2}}|:)"
    rf"|(?:{_SIX}:){{4}}(?:(?::{_SIX}){{0,1}}:{_FOUR}|(?::{_SIX}){{1,3}}|:)"
    rf"|(?:{_SIX}:){{3}}(?:(?::{_SIX}){{0,2}}:{_FOUR}|(?::{_SIX}){{1,4}}|:)"
    rf"|(?:{_SIX}:){{2}}(?:(?::{_SIX}){{0,3}}:{_FOUR}|(?::{_SIX}){{1,5}}|:)"
    rf"|(?:{_SIX}:){{1}}(?:(?::{_SIX}){{0,4}}:{_FOUR}|(?::{_SIX}){{1,6}}|:)"
    rf"|(?::(?:(?::{_SIX}){{0,5}}:{_FOUR}|(?::{_SIX}){{1,7}}|:))"
    r")(?:%[0-9a-zA-Z\-.:]+)?"
)
_BRACKETED = re.compile(r"\[([^\]]+)\](?::([0-9]+))?")

# A JavaScript back reference to a group that took no part matches the empty text.
_ISO8601 = re.compile(
    r"[+-]?\d{4}(?!\d{2}\b)"
    r"(?:(?P<dash>-?)"
    r"(?:(?:0[1-9]|1[0-2])(?:(?P=dash)(?:[12]\d|0[1-9]|3[01]))?"
    r"|W(?:[0-4]\d|5[0-3])(?:-?[1-7])?"
    r"|(?:00[1-9]|0[1-9]\d|[12]\d{2}|3(?:[0-5]\d|6[1-6])))"
    rf"(?:[T{BLANKS}]"
    r"(?:(?:(?:[01]\d|2[0-3])(?:(?P<colon>:?)[0-5]\d)?|24:?00)(?:[.,]\d+(?!:))?)?"
    r"(?:(?(colon)(?P=colon))[0-5]\d(?:[.,]\d+)?)?"
    r"(?:[zZ]|[+-](?:[01]\d|2[0-3]):?(?:[0-5]\d)?)?"
    r")?)?",
    re.ASCII,
)

_GMAIL = frozenset({"gmail.com", "googlemail.com"})
_ICLOUD = frozenset({"icloud.com", "me.com"})
_OUTLOOK = frozenset(
    f"{name}.{end}"
    for name, ends in {
        "hotmail": "at be ca cl co.il co.nz co.th co.uk com com.ar com.au com.br com.gr com.mx com.pe com.tr"
        " com.vn cz de dk es fr hu id ie in it jp kr lv my ph pt sa sg sk",
        "live": "be co.uk com com.ar com.mx de es eu fr it nl",
        "msn": "com",
        "outlook": "at be cl co.il co.nz co.th com com.ar com.au com.br com.gr com.pe com.tr com.vn cz de dk"
        " es fr hu id ie in it jp kr lv my ph pt sa sg sk",
        "passport": "com",
    }.items()
    for end in ends.split()
)
_YAHOO = frozenset(
    {"rocketmail.com", "yahoo.ca", "yahoo.co.uk", "yahoo.com", "yahoo.de", "yahoo.fr", "yahoo.in", "yahoo.it"}
    | {"ymail.com"}
)
_YANDEX = frozenset({"yandex.ru", "yandex.ua", "yandex.kz", "yandex.com", "yandex.by", "ya.ru"})


def units(text: str) -> int:
    """The length of a text in JavaScript: characters beyond the basic plane count twice."""
    return len(text) + sum(character > "\uffff" for character in text)


def length(text: str) -> int:
    """The length of a text as people see it: without the signs that only choose between two pictures."""
    return len(text) - text.count("\ufe0f") - text.count("\ufe0e")


def size(text: str) -> int:
    """The bytes of a text; half of a surrogate pair has none, and the old library stumbled: UNFIT."""
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        raise Refusal("UNFIT") from None


def is_host(text: str) -> bool:
    """Whether a text is the full name of a host."""
    labels = text.split(".")
    if len(labels) < 2 or not _TOP.fullmatch(labels[-1]) or _BLANK_OR_BRACKET.search(labels[-1]):
        return False
    return all(map(_is_label, labels))


def _is_label(label: str) -> bool:
    if units(label) > 63 or not _LABEL.fullmatch(label) or _FULL_WIDTH.search(label):
        return False
    return not (label.startswith("-") or label.endswith("-"))


def is_ip(text: str) -> bool:
    """Whether a text is an address of version 4 or 6."""
    return bool(_IPV4.fullmatch(text) or _IPV6.fullmatch(text))


def is_email(text: str) -> bool:
    """Whether a text is an e-mail address."""
    if units(text) > _LONGEST_EMAIL:
        return False
    user, _, domain = text.rpartition("@")
    if size(user) > 64 or size(domain) > 254 or not is_host(domain):
        return False
    if user.startswith('"'):
        # The old library cut the last unit off, and of a character of two units left half.
        return not user[-1] > "\uffff" and bool(_QUOTED.fullmatch(user[1:-1]))
    return all(_LOCAL.fullmatch(part) for part in user.split("."))


def normalised_email(text: str) -> str | None:
    """An address in the one form that its provider delivers alike; None where nothing is left of it."""
    user, _, domain = text.rpartition("@")
    domain = domain.lower()
    if domain in _GMAIL:
        # Single dots only; the provider takes several together for another address.
        user, domain = re.sub(r"(?<!\.)\.(?!\.)", "", user.partition("+")[0]), "gmail.com"
    elif domain in _ICLOUD or domain in _OUTLOOK:
        user = user.partition("+")[0]
    elif domain in _YAHOO:
        user = user.rpartition("-")[0] if "-" in user else user
    elif domain in _YANDEX:
        return f"{user.lower()}@yandex.ru"
    else:
        return f"{user.lower()}@{domain}"
    return f"{user.lower()}@{domain}" if user else None


def is_uri(text: str) -> bool:
    """Whether a text is an address of the web, with or without its protocol."""
    if not text or _BLANK_OR_BRACKET.search(text) or text.startswith("mailto:"):
        return False
    if units(text) >= _LONGEST_ADDRESS:
        return False
    address = text.partition("#")[0].partition("?")[0]
    protocol, found, rest = address.partition("://")
    if found:
        if protocol.lower() not in _PROTOCOLS:
            return False
        address = rest
    elif address.startswith("//"):
        return False
    return address != "" and _is_authority(address.partition("/")[0])


def _is_authority(authority: str) -> bool:
    credentials, found, host = authority.partition("@")
    if not found:
        return _is_host_and_port(authority)
    if credentials == "" or credentials.count(":") > 1 or credentials == ":":
        return False
    return _is_host_and_port(host)


def _is_host_and_port(text: str) -> bool:
    bracketed = _BRACKETED.fullmatch(text)
    if bracketed:
        return _is_port(bracketed[2] or "") and bool(_IPV6.fullmatch(bracketed[1]))
    host, _, port = text.partition(":")
    return _is_port(port) and (is_ip(host) or is_host(host))


def _is_port(text: str) -> bool:
    return text == "" or (len(text) < 400 and bool(_DIGITS.fullmatch(text)) and 0 < int(text) <= 65535)


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID of any version."""
    return bool(_UUID.fullmatch(text))


def is_object_id(text: str) -> bool:
    """Whether a text is what the library takes for an ObjectId of MongoDB."""
    return len(text) == 24 and bool(_HEX.fullmatch(text))


def is_iso8601(text: str) -> bool:
    """Whether a text looks like a date, with or without a time; the calendar is not asked."""
    return bool(_ISO8601.fullmatch(text))


def is_boolean(text: str) -> bool:
    """Whether a text is one of the four that stand for true and false."""
    return text in ("true", "false", "1", "0")


def integer_between(least: float | None, most: float | None) -> Callable[[str], bool]:
    """Whether a text is a whole number within bounds."""

    def fits(text: str) -> bool:
        if not _INTEGER.fullmatch(text):
            return False
        # Longer ones are infinite in JavaScript.
        value = float(text) if len(text) < 300 else float("-inf" if text[0] == "-" else "inf")
        return (least is None or value >= least) and (most is None or value <= most)

    return fits


def matching(pattern: str) -> Callable[[str], bool]:
    """Whether a pattern of JavaScript is found in a text; raises re.error."""
    compiled = re.compile(translated(pattern), re.ASCII)
    return lambda text: compiled.search(text) is not None


def translated(pattern: str) -> str:
    """A pattern of JavaScript for Python: a dollar is the very end, not the place before a last newline."""
    pieces, inside, at = [], False, 0
    while at < len(pattern):
        piece = pattern[at : at + 2] if pattern[at] == "\\" else pattern[at]
        at += len(piece)
        if piece == "[" and not inside:
            inside = True
        elif piece == "]":
            inside = False
        pieces.append(r"\Z" if piece == "$" and not inside else piece)
    return "".join(pieces)


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "email": is_email,
    "uri": is_uri,
    "uuid": is_uuid,
    "objectid": is_object_id,
    "iso8601": is_iso8601,
}


def known(name: Any) -> Callable[[str], bool] | None:
    """The rule of a format, None for one that nothing judges."""
    return FORMATS.get(name) if isinstance(name, str) else None
