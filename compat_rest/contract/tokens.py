"""The tokens that a surface issues: their secrets and how long they live."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from compat_rest.contract.before import unknown_keys
from compat_rest.contract.expressions import resolved
from compat_rest.contract.findings import Collector
from compat_rest.contract.source import Node

# The units of the npm package ms, which the old servers read their lifetimes with; a year has 365.25 days.
_UNITS = {
    "milliseconds": 1, "millisecond": 1, "msecs": 1, "msec": 1, "ms": 1,
    "seconds": 1000, "second": 1000, "secs": 1000, "sec": 1000, "s": 1000,
    "minutes": 60_000, "minute": 60_000, "mins": 60_000, "min": 60_000, "m": 60_000,
    "hours": 3_600_000, "hour": 3_600_000, "hrs": 3_600_000, "hr": 3_600_000, "h": 3_600_000,
    "days": 86_400_000, "day": 86_400_000, "d": 86_400_000,
    "weeks": 604_800_000, "week": 604_800_000, "w": 604_800_000,
    "years": 31_557_600_000, "year": 31_557_600_000, "yrs": 31_557_600_000, "yr": 31_557_600_000,
    "y": 31_557_600_000,
}  # fmt: skip
_SPAN = re.compile(r"(\d*\.?\d+) *([a-z]*)", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Issue:
    """One kind of token: what it is signed with, and how long it is good for."""

    secret: str = field(repr=False)
    lifetime: timedelta


@dataclass(frozen=True)
class TokenValues:
    """The tokens of a surface."""

    access: Issue
    refresh: Issue | None


def span(text: str) -> timedelta:
    """A time span as the package ms reads it: `24h`, `7 days`, bare milliseconds; raises ValueError."""
    match = _SPAN.fullmatch(text)
    unit = _UNITS.get((match[2] or "ms").lower()) if match else None
    if match is None or unit is None:
        raise ValueError(f"{text!r} is no time span")
    return timedelta(milliseconds=float(match[1]) * unit)


def read_tokens(node: Node, environ: Mapping[str, str], found: Collector) -> TokenValues | None:
    """The tokens of a surface; None where it issues none. Disagreements go to `found`."""
    entry = node.get("tokens")
    if entry is None:
        return None
    unknown_keys("surface's tokens", entry, ("access", "refresh"), found)
    access = _issue(entry.get("access"), environ, found)
    if access is None:
        found.add(entry, "", "The surface's tokens have no `access`.", "Say its secret and its lifetime.")
        return None
    return TokenValues(access, _issue(entry.get("refresh"), environ, found))


def _issue(node: Node | None, environ: Mapping[str, str], found: Collector) -> Issue | None:
    if node is None:
        return None
    unknown_keys("token", node, ("secret", "lifetime"), found)
    text = str(resolved(node.plain("lifetime", ""), environ))
    try:
        lifetime = span(text)
    except ValueError as error:
        found.add(node, "", f"The lifetime cannot be read: {error}.", "Write one like `24h` or `7d`.")
        lifetime = timedelta()
    return Issue(str(resolved(node.plain("secret", ""), environ)), lifetime)
