"""Rate limits as surfaces tell of them: what was counted, and the header fields that say so."""

import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from compat_rest.contract.before import Limit


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a count came to: how many requests are left, and for how many seconds it is kept."""

    remaining: int
    seconds: float
    allowed: bool = True

    @property
    def reset(self) -> int:
        """Whole seconds until the count is forgotten."""
        return max(0, math.ceil(self.seconds))


# Counts a request of a client against a limit of a surface.
Count = Callable[[str, Limit, str], Awaitable[Verdict]]


async def uncounted(surface: str, limit: Limit, key: str) -> Verdict:
    """What a first request is told, where nothing counts."""
    return Verdict(max(0, limit.amount - limit.cost), limit.window)


def fields(limit: Limit, verdict: Verdict, now: datetime) -> Mapping[str, str]:
    """The header fields of a limit, as express-rate-limit names them."""
    if limit.headers == "legacy":
        return {
            "X-RateLimit-Limit": str(limit.amount),
            "X-RateLimit-Remaining": str(verdict.remaining),
            "X-RateLimit-Reset": str(math.ceil(now.timestamp() + verdict.seconds)),
            **waiting(verdict),
        }
    if limit.headers == "none":
        return {}
    said = {
        "RateLimit-Policy": f"{limit.amount};w={limit.window}",
        "RateLimit-Limit": str(limit.amount),
        "RateLimit-Remaining": str(verdict.remaining),
    }
    if verdict.reset:
        said["RateLimit-Reset"] = str(verdict.reset)
    return {**said, **waiting(verdict)}


def waiting(verdict: Verdict) -> Mapping[str, str]:
    """How long who was refused has to wait."""
    return {} if verdict.allowed else {"Retry-After": str(verdict.reset)}


def details(limit: Limit, verdict: Verdict) -> Mapping[str, int]:
    """What the texts of a refusal may tell."""
    return {"limit": limit.amount, "window": limit.window, "retry_after": verdict.reset}
