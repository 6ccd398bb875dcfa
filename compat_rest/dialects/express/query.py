"""Queries and forms as qs 6.13 reads them: names with brackets become lists and objects.

Followed from its source, with the options that Express and body-parser give it.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from compat_rest.dialects.express.v8 import ordered

MOST_PARTS = 1000
CHILD = re.compile(r"\[[^\[\]]*\]")
ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
BRACKETS = re.compile(r"%5([BbDd])")
# Stands in a list where JavaScript has nothing.
HOLE: Any = object()


class TooDeep(ValueError):
    """Names with more brackets than are read."""


def decoded(text: str) -> str:
    """JavaScript's decodeURIComponent; raises ValueError."""
    if "%" not in text:
        return text
    if BAD_ESCAPE.search(text):
        raise ValueError("URI malformed")
    return ESCAPES.sub(lambda found: unquote_to_bytes(found[0]).decode(), text)


def parse(text: str, *, most_items: int = 20, depth: int = 5, strict: bool = False) -> dict[str, Any]:
    """The values of a query or a form; raises TooDeep where `strict` says so."""
    whole: Any = {}
    for key, value in pairs(text).items():
        if key:
            whole = merged(whole, built(chain_of(key, depth, strict), value, most_items))
    values: dict[str, Any] = compacted(whole)
    return values


def pairs(text: str) -> dict[str, Any]:
    """The names with their texts; a name that is said twice has a list of them."""
    found: dict[str, Any] = {}
    clear = BRACKETS.sub(lambda escape: "[" if escape[1] in "Bb" else "]", text)
    for part in clear.split("&")[:MOST_PARTS] if text else ():
        end = part.find("]=")
        place = part.find("=") if end < 0 else end + 1
        key, value = (part, "") if place < 0 else (part[:place], part[place + 1 :])
        key, value = plain(key), plain(value)
        if key in found:
            before = found[key]
            found[key] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            found[key] = value
    return ordered(found)


def plain(text: str) -> str:
    """A name or a value without its escapes, as far as they can be read."""
    text = text.replace("+", " ")
    try:
        return decoded(text)
    except ValueError:
        return text


def chain_of(key: str, depth: int, strict: bool) -> list[str]:
    """The name before the brackets, and each pair of brackets."""
    first = CHILD.search(key)
    if first is None:
        return [key]
    chain = [key[: first.start()]] if first.start() else []
    for count, child in enumerate(CHILD.finditer(key)):
        if count == depth:
            if strict:
                raise TooDeep
            return [*chain, f"[{key[child.start() :]}]"]
        chain.append(child[0])
    return chain


def built(chain: list[str], value: Any, most_items: int) -> Any:
    """The value inside of what its name asks for."""
    for root in reversed(chain):
        if root == "[]":
            value = list(value) if isinstance(value, list) else [value]
            continue
        name = root[1:-1] if root[0] == "[" and root[-1] == "]" else root
        if name != root and is_place(name, most_items):
            value = [*([HOLE] * int(name)), value]
        else:
            value = {} if name == "__proto__" else {name: value}
    return value


def is_place(name: str, most_items: int) -> bool:
    """Whether a name in brackets is a place in a list."""
    # More digits than these are beyond every list.
    return name.isascii() and name.isdecimal() and name == str(int(name[:9])) and int(name) <= most_items


def merged(target: Any, source: Any) -> Any:
    """Two values of one name together."""
    if not source and not isinstance(source, (list, dict)):
        return target
    if not isinstance(source, (list, dict)):
        return with_text(target, source)
    if not isinstance(target, (list, dict)):
        return [target, *source] if isinstance(source, list) else [target, source]
    if isinstance(target, list) and isinstance(source, list):
        return joined(target, source)
    members = of_list(target) if isinstance(target, list) else target
    for key, value in (of_list(source) if isinstance(source, list) else source).items():
        members[key] = merged(members[key], value) if key in members else value
    return members


def with_text(target: Any, text: str) -> Any:
    """A text laid to a value of the same name."""
    if isinstance(target, list):
        target.append(text)
    elif isinstance(target, dict):
        target[text] = True
    else:
        return [target, text]
    return target


def joined(target: list[Any], source: list[Any]) -> list[Any]:
    """Two lists together, item by item where both have objects at a place."""
    for place, item in enumerate(source):
        if item is HOLE:
            continue
        if place >= len(target):
            target += [HOLE] * (place - len(target) + 1)
        if target[place] is HOLE:
            target[place] = item
        elif isinstance(target[place], (list, dict)) and isinstance(item, (list, dict)):
            target[place] = merged(target[place], item)
        else:
            target.append(item)
    return target


def of_list(items: list[Any]) -> dict[str, Any]:
    """A list as an object, by its indexes."""
    return {str(place): item for place, item in enumerate(items) if item is not HOLE}


def compacted(value: Any) -> Any:
    """A value without the holes of its lists, with the names of its objects in JavaScript's order."""
    if isinstance(value, list):
        return [compacted(item) for item in value if item is not HOLE]
    if isinstance(value, Mapping):
        return ordered({key: compacted(item) for key, item in value.items()})
    return value
