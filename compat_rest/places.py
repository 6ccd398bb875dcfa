"""Where the values of a chain stand: found, named and changed as express-validator and lodash do it."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from compat_rest.javascript import UNDEFINED

EVERY = "*"
_CANONICAL = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_INDEX = re.compile(r"[0-9]+", re.ASCII)


class Place(NamedTuple):
    """One place that a chain names, and the value that stands there now."""

    steps: tuple[str, ...]
    value: Any


def selected(root: Any, steps: Sequence[str], before: tuple[str, ...] = ()) -> Iterator[Place]:
    """The places that a path names, `*` for everything at a level; one that does not exist is named too."""
    if EVERY not in steps:
        value = root
        for step in steps:
            value = below(value, step)
        yield Place((*before, *steps), value)
        return
    at = list(steps).index(EVERY)
    holder = root
    for step in steps[:at]:
        holder = below(holder, step)
    path = (*before, *steps[:at])
    # Objects are walked too where lists were meant.
    for key in keys(holder):
        yield from selected(below(holder, key), steps[at + 1 :], (*path, key))


def keys(holder: Any) -> list[str]:
    """What Object.keys says of a value; nothing of one that is no object."""
    if isinstance(holder, dict):
        indexes = sorted((key for key in holder if _CANONICAL.fullmatch(key)), key=int)
        # JavaScript names what looks like an index first, in the order of numbers.
        return list(dict.fromkeys([*indexes, *holder])) if indexes else list(holder)
    return [str(index) for index in range(len(holder))] if isinstance(holder, list) else []


def below(holder: Any, key: str) -> Any:
    """The value below a key, UNDEFINED where there is none."""
    if isinstance(holder, dict):
        return holder.get(key, UNDEFINED)
    if isinstance(holder, list) and _INDEX.fullmatch(key) and int(key) < len(holder):
        return holder[int(key)]
    return UNDEFINED


def put(root: Any, steps: Sequence[str], value: Any) -> None:
    """Puts a value at a place; what is no object on the way there is replaced by one."""
    holder = root
    for step, following in zip(steps, steps[1:], strict=False):
        inner = below(holder, step)
        if not isinstance(inner, dict | list):
            inner = [] if _INDEX.fullmatch(following) else {}
            _set(holder, step, inner)
        holder = inner
    _set(holder, steps[-1], value)


def _set(holder: Any, key: str, value: Any) -> None:
    if isinstance(holder, dict):
        holder[key] = value
    elif _INDEX.fullmatch(key) and int(key) <= len(holder):
        holder[int(key) : int(key) + 1] = [value]


def named(steps: Sequence[str]) -> str:
    """The path of an entry: `a[0].b`, with a key that holds a dot in brackets."""
    text = ""
    for step in steps:
        if "." in step:
            text += f'["{step}"]'
        elif _INDEX.fullmatch(step):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text
