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

    def caller(self, names: tuple[str, ...]) -> Caller | None:
        """The caller by the first claim that is present, None where there is none."""
        for name in names:
            if name in self.claims:
                return Caller(subject=self.claims[name], credential=self.key, expires=self.expires)
        return None
