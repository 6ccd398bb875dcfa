"""Credentials of a request, and the caller they name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schema.context import Caller


@dataclass(frozen=True, slots=True)
class Recognised:
    """A valid credential: whom it names (None for nobody), its key for revocation, and when it ends."""

    claims: Mapping[str, Any]
    key: str
    expires: datetime
    numbered: bool = False

    def caller(self, names: tuple[str, ...], *, nobody: bool = False) -> Caller | None:
        """The caller by the first claim that is present; where there is none, None, or one who is nobody."""
        for name in names:
            if name in self.claims:
                return Caller(self.claims[name], self.key, self.expires, self.numbered)
        return Caller(None, self.key, self.expires, self.numbered) if nobody else None
