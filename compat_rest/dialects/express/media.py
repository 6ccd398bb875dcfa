"""Content-Type as Node's libraries read it: media-typer says what a body is, content-type its charset."""

import re

NAME = r"[A-Za-z0-9][A-Za-z0-9!#$&^_-]{0,126}"
KIND = re.compile(rf" *({NAME}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{{0,126}}) *\Z")
WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
PARAMETER = re.compile(rf'; *({WORD}) *= *("(?:[ !\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\x20-\x7e])*"|{WORD}) *')
QUOTED = re.compile(r"\\(.)", re.DOTALL)


def kind_of(header: str | None) -> str:
    """The media type in lower case; empty for one that cannot be read, with its parameters."""
    text, separator, rest = (header or "").partition(";")
    found = KIND.match(text)
    if found is None or (separator and parameters_of(f";{rest}") is None):
        return ""
    return found[1].lower()


def charset_of(header: str | None) -> str:
    """The charset in lower case; empty where none is said."""
    _, separator, rest = (header or "").partition(";")
    return (parameters_of(f"{separator}{rest}") or {}).get("charset", "").lower()


def parameters_of(text: str) -> dict[str, str] | None:
    """The parameters of a media type; None where they cannot be read."""
    found: dict[str, str] = {}
    place = 0
    while place < len(text):
        match = PARAMETER.match(text, place)
        if match is None:
            return None
        value = match[2]
        found[match[1].lower()] = QUOTED.sub(r"\1", value[1:-1]) if value[0] == '"' else value
        place = match.end()
    return found
