"""Tags of versions, as HTTP writes them: `"3"`."""

import re

# So many tags nobody has; a header is not to become a long question to the store.
MOST = 50
_TAG = re.compile(r'[ \t]*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"[ \t]*(?:,|\Z)')
_VERSION = re.compile(r"[1-9][0-9]{0,8}")


def tag(version: int) -> str:
    """The strong tag of a version."""
    return f'"{version}"'


def versions(condition: str | None) -> frozenset[int] | None:
    """The versions that an If-Match lets through; None where it lets any, and none for what is no such text.

    Only strong tags count: a weak one does not say that nothing has changed.
    """
    if condition is None or condition.strip(" \t") == "*":
        return None
    found: set[int] = set()
    at, number = 0, 0
    while at < len(condition) and number < MOST:
        match = _TAG.match(condition, at)
        if match is None:
            return frozenset()
        weak, opaque = match.groups()
        if not weak and _VERSION.fullmatch(opaque):
            found.add(int(opaque))
        at, number = match.end(), number + 1
    return frozenset(found)
